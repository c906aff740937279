#pragma once
/// The `Prefer` header as PostgREST reads it (RFC 7240; docs.postgrest.org, "Prefer Header").

#include "base/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenantry::http::rest {

struct Preferences {
    enum class Return { unsaid, minimal, headers_only, representation };
    enum class Resolution { refuse, merge_duplicates, ignore_duplicates };

    Return returning = Return::unsaid;
    Resolution resolution = Resolution::refuse;
    bool count = false;            // exact, planned and estimated alike: rows are counted
    bool missing_default = false;  // of keys that `columns` names and a row lacks: else null
    bool strict = false;
    std::optional<std::int64_t> max_affected{};  // with strict alone
    std::string applied{};                       // for Preference-Applied

    /// `text`: all fields of that name, with commas between them. Those that aren't known are
    /// passed over, or with `handling=strict` refused. Errors: bad_query.
    static Result<Preferences> parse(std::string_view text);
};

}  // namespace tenantry::http::rest
