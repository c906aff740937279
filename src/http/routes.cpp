#include "routes.hpp"

#include "resources.hpp"

#include <algorithm>
#include <array>

namespace tenantry::http {
namespace {

constexpr std::array<std::string_view, 3> page_parameters{"limit", "offset", "after"};
constexpr std::array<std::string_view, 10> lead_parameters{
    "status", "city", "source", "property_type", "assigned_agent",
    "search", "sort", "limit",  "offset",        "after"};
constexpr Role viewer = Role::viewer;
constexpr Role writer = Role::operator_;
constexpr Role admin = Role::admin;

constexpr std::array routes{
    Route{Method::get, "/api/leads", viewer, leads::list, nullptr, lead_parameters},
    Route{Method::post, "/api/leads", writer, leads::create},
    Route{Method::get, "/api/leads/{id}", viewer, leads::read},
    Route{Method::put, "/api/leads/{id}", writer, leads::replace},
    Route{Method::patch, "/api/leads/{id}", writer, leads::change},
    Route{Method::delete_, "/api/leads/{id}", writer, leads::remove},
    Route{Method::get, "/api/leads/{id}/events", viewer, leads::list_events, nullptr,
          page_parameters},
    Route{Method::post, "/api/events", writer, events::create},
    Route{Method::get, "/api/agents", viewer, agents::list, nullptr, page_parameters},
    Route{Method::post, "/api/agents", admin, agents::create},
    Route{Method::get, "/api/agents/{id}", viewer, agents::read},
    Route{Method::put, "/api/agents/{id}", admin, agents::replace},
    Route{Method::patch, "/api/agents/{id}", admin, agents::change},
    Route{Method::delete_, "/api/agents/{id}", admin, agents::remove},
    Route{Method::get, "/healthz", viewer, nullptr, health::alive},
    Route{Method::get, "/readyz", viewer, nullptr, health::ready},
};

/// Whether the segments are those of the pattern; `id` becomes the one that `{id}` stands for.
bool matches(std::string_view pattern, const std::vector<std::string>& segments,
             std::string_view& id) {
    for (const auto& segment : segments) {
        if (pattern.empty()) return false;
        pattern.remove_prefix(1);
        const auto slash = std::min(pattern.find('/'), pattern.size());
        const auto part = pattern.substr(0, slash);
        if (part == "{id}") {
            id = segment;
        } else if (part != segment) {
            return false;
        }
        pattern.remove_prefix(slash);
    }
    return pattern.empty();
}

}  // namespace

Result<Match> find_route(Method method, const Target& target) {
    const auto wanted = method == Method::head ? Method::get : method;
    bool known_path = false;
    for (const auto& route : routes) {
        std::string_view id;
        if (!matches(route.pattern, target.segments, id)) continue;
        if (route.method == wanted) return Match{&route, id};
        known_path = true;
    }
    if (known_path) {
        return fail(
            Errc::method_not_allowed,
            "this path is not made for this method; the Allow header names those it is made for");
    }
    return fail(Errc::no_such_route, "there is nothing at this path");
}

std::string allowed_methods(const Target& target) {
    std::string methods;
    for (const auto& route : routes) {
        std::string_view id;
        if (!target.asterisk && !matches(route.pattern, target.segments, id)) continue;
        if (methods.find(name_of(route.method)) != std::string::npos) continue;
        methods += name_of(route.method);
        methods += route.method == Method::get ? ", HEAD, " : ", ";
    }
    if (!methods.empty()) methods += "OPTIONS";
    return methods;
}

}  // namespace tenantry::http
