#pragma once
/// Paths of routes: `/api/leads/{id}`, where `{…}` stands for any one segment.

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace tenantry::http {

/// The segments that a pattern's `{…}` stand for, in their order; empty beyond those.
using PathIds = std::array<std::string_view, 2>;

/// Whether the segments are those of the pattern. `ids` become what its `{…}` stand for.
bool matches(std::string_view pattern, std::span<const std::string> segments, PathIds& ids);

}  // namespace tenantry::http
