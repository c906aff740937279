#pragma once

#include <cstdint>
#include <string_view>

#include "workload.hpp"

namespace tenantry::bench {

inline constexpr std::int64_t rest_page_rows = 25;

/// The header that says what is wanted of a request of Api::rest; empty if nothing is.
std::string_view rest_preference(Action action) noexcept;

}  // namespace tenantry::bench
