#pragma once
/// Paths of routes: `/api/leads/{id}`, where `{…}` stands for any one segment.

#include "http/request.hpp"

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace tenantry::http {

/// The segments that a pattern's `{…}` stand for, in their order; empty beyond those.
using PathIds = std::array<std::string_view, 2>;

/// Whether the segments are those of the pattern. `ids` become what its `{…}` stand for.
bool matches(std::string_view pattern, std::span<const std::string> segments, PathIds& ids);

template <class Route>
struct PathMatch {
    const Route* route;
    PathIds ids{};
};

/// The first of `routes` that fits; HEAD takes that of GET.
/// Errors: no_such_route; method_not_allowed, if the path has routes for other methods.
template <class Routes>
auto find_in(const Routes& routes, Method method, const Target& target)
    -> Result<PathMatch<typename Routes::value_type>> {
    const auto wanted = method == Method::head ? Method::get : method;
    bool known_path = false;
    for (const auto& route : routes) {
        PathMatch<typename Routes::value_type> match{&route};
        if (!matches(route.pattern, target.segments, match.ids)) continue;
        if (route.method == wanted) return match;
        known_path = true;
    }
    if (known_path) {
        return fail(
            Errc::method_not_allowed,
            "this path is not made for this method; the Allow header names those it is made for");
    }
    return fail(Errc::no_such_route, "there is nothing at this path");
}

/// The value for `Allow`: the methods of those `routes` whose path it is, or of all of them; empty
/// if there are none.
template <class Routes>
std::string methods_of(const Routes& routes, const Target& target) {
    std::string methods;
    for (const auto& route : routes) {
        PathIds ids{};
        if (!target.asterisk && !matches(route.pattern, target.segments, ids)) continue;
        if (methods.find(name_of(route.method)) != std::string::npos) continue;
        methods += name_of(route.method);
        methods += route.method == Method::get ? ", HEAD, " : ", ";
    }
    if (!methods.empty()) methods += "OPTIONS";
    return methods;
}

}  // namespace tenantry::http
