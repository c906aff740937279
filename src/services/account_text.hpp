#pragma once
/// What comes from clients as text, on its way into an account.

#include "base/error.hpp"

#include <string>
#include <string_view>

namespace tenantry::services {

/// How users sign in here, in the words of Supabase's clients.
inline constexpr std::string_view app_metadata = R"({"provider":"email","providers":["email"]})";

/// In lower case. Errors: bad_value, `field` email.
Result<std::string> parse_address(std::string_view text);

/// It goes into every token. Bytes of JSON.
inline constexpr std::size_t metadata_bytes_max = 4096;

/// The JSON object `changes` merged into `metadata`: null takes a member away. Without changes it
/// checks alone. Errors: bad_value, `field` data: no object, names that repeat, too much.
Result<std::string> merge_metadata(std::string_view metadata, std::string_view changes);

}  // namespace tenantry::services
