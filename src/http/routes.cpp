#include "routes.hpp"

#include "operations.hpp"
#include "path_pattern.hpp"
#include "resources.hpp"

#include <algorithm>
#include <array>

namespace tenantry::http {
namespace {

constexpr std::array<std::string_view, 3> page_parameters{"limit", "offset", "after"};
constexpr std::array<std::string_view, 10> lead_parameters{
    "status", "city", "source", "property_type", "assigned_agent",
    "search", "sort", "limit",  "offset",        "after"};
constexpr std::array<std::string_view, 1> export_parameters{"format"};
constexpr std::array<std::string_view, 3> import_parameters{"dry_run", "country_code", "map"};
constexpr Role viewer = Role::viewer;
constexpr Role writer = Role::operator_;
constexpr Role admin = Role::admin;

constexpr std::array<std::string_view, 7> approval_parameters{"status", "type",   "lead_id", "sort",
                                                              "limit",  "offset", "after"};
constexpr std::array<std::string_view, 1> timeframe_parameters{"timeframe"};
constexpr std::array<std::string_view, 6> sync_parameters{"since",  "relations", "ops",
                                                          "filter", "limit",     "wait"};
constexpr std::array<std::string_view, 5> stream_parameters{"since", "relations", "ops", "filter",
                                                            "access_token"};
constexpr Route rest_route(Method method, std::string_view pattern, Role role, Handler handler) {
    return {.method = method,
            .pattern = pattern,
            .role = role,
            .handler = handler,
            .any_parameters = true,
            .credentials = Route::Credentials::bearer_or_key,
            .undescribed = true};
}

// Of two patterns that fit a path, the first counts.
constexpr std::array routes{
    Route{Method::get, "/api/leads", viewer, leads::list, nullptr, lead_parameters},
    Route{Method::post, "/api/leads", writer, leads::create},
    // Before `{id}`, which would match it.
    Route{Method::get, "/api/leads/export", viewer, leads::export_file, nullptr, export_parameters},
    Route{.method = Method::post,
          .pattern = "/api/leads/import",
          .role = writer,
          .handler = leads::import_file,
          .parameters = import_parameters,
          .repeated = "map",
          .media = "text/csv",
          .takes_file = true},
    Route{Method::get, "/api/leads/{id}", viewer, leads::read},
    Route{Method::put, "/api/leads/{id}", writer, leads::replace},
    Route{Method::patch, "/api/leads/{id}", writer, leads::change},
    Route{Method::delete_, "/api/leads/{id}", writer, leads::remove},
    Route{Method::get, "/api/leads/{id}/events", viewer, leads::list_events, nullptr,
          page_parameters},
    Route{Method::get, "/api/events", viewer, events::list, nullptr, page_parameters},
    Route{Method::post, "/api/events", writer, events::create},
    Route{Method::get, "/api/events/{id}", viewer, events::read},
    Route{Method::get, "/api/approvals", viewer, approvals::list, nullptr, approval_parameters},
    Route{Method::post, "/api/approvals", writer, approvals::create},
    Route{Method::get, "/api/approvals/pending", viewer, approvals::list_pending, nullptr,
          page_parameters},
    Route{Method::get, "/api/approvals/history", viewer, approvals::list_history, nullptr,
          page_parameters},
    Route{Method::post, "/api/approvals/decisions", writer, approvals::decide},
    Route{Method::get, "/api/approvals/{id}", viewer, approvals::read},
    Route{Method::get, "/api/approvals/{id}/history", viewer, approvals::history},
    Route{.method = Method::post,
          .pattern = "/api/approvals/{id}/approve",
          .role = writer,
          .handler = approvals::approve,
          .body_optional = true},
    Route{Method::post, "/api/approvals/{id}/reject", writer, approvals::reject},
    Route{.method = Method::post,
          .pattern = "/api/approvals/{id}/sent",
          .role = writer,
          .handler = approvals::mark_sent,
          .body_optional = true},
    Route{.method = Method::post,
          .pattern = "/api/approvals/{id}/failed",
          .role = writer,
          .handler = approvals::mark_failed,
          .body_optional = true},
    Route{Method::get, "/api/contacts", viewer, contacts::list, nullptr, page_parameters},
    Route{Method::post, "/api/contacts", writer, contacts::create},
    Route{Method::get, "/api/contacts/{id}", viewer, contacts::read},
    Route{Method::put, "/api/contacts/{id}", writer, contacts::replace},
    Route{Method::patch, "/api/contacts/{id}", writer, contacts::change},
    Route{Method::delete_, "/api/contacts/{id}", writer, contacts::remove},
    Route{Method::get, "/api/icp-profiles/templates", viewer, icp_profiles::list_templates},
    Route{Method::get, "/api/icp-profiles", viewer, icp_profiles::list, nullptr, page_parameters},
    Route{Method::post, "/api/icp-profiles", writer, icp_profiles::create},
    Route{Method::get, "/api/icp-profiles/{id}", viewer, icp_profiles::read},
    Route{Method::put, "/api/icp-profiles/{id}", writer, icp_profiles::replace},
    Route{Method::patch, "/api/icp-profiles/{id}", writer, icp_profiles::change},
    Route{Method::delete_, "/api/icp-profiles/{id}", writer, icp_profiles::remove},
    Route{Method::post, "/api/icp-profiles/{id}/clone", writer, icp_profiles::clone},
    Route{Method::get, "/api/identities", viewer, identities::list, nullptr, page_parameters},
    Route{Method::post, "/api/identities", admin, identities::create},
    Route{Method::get, "/api/identities/{id}", viewer, identities::read},
    Route{Method::put, "/api/identities/{id}", admin, identities::replace},
    Route{Method::patch, "/api/identities/{id}", admin, identities::change},
    Route{Method::delete_, "/api/identities/{id}", admin, identities::remove},
    Route{Method::get, "/api/agents", viewer, agents::list, nullptr, page_parameters},
    Route{Method::post, "/api/agents", admin, agents::create},
    Route{Method::get, "/api/agents/{id}", viewer, agents::read},
    Route{Method::put, "/api/agents/{id}", admin, agents::replace},
    Route{Method::patch, "/api/agents/{id}", admin, agents::change},
    Route{Method::delete_, "/api/agents/{id}", admin, agents::remove},
    Route{Method::get, "/api/sync", viewer, changes::sync, nullptr, sync_parameters},
    Route{.method = Method::get,
          .pattern = "/api/changes/stream",
          .handler = changes::stream,
          .parameters = stream_parameters,
          .credentials = Route::Credentials::token_in_query},
    Route{Method::get, "/api/webhooks", admin, webhooks::list, nullptr, page_parameters},
    Route{Method::post, "/api/webhooks", admin, webhooks::create},
    Route{Method::get, "/api/webhooks/{id}", admin, webhooks::read},
    Route{Method::patch, "/api/webhooks/{id}", admin, webhooks::change},
    Route{Method::delete_, "/api/webhooks/{id}", admin, webhooks::remove},
    Route{.method = Method::post,
          .pattern = "/api/webhooks/{id}/rotate-secret",
          .role = admin,
          .handler = webhooks::rotate_secret,
          .body_optional = true},
    Route{Method::get, "/api/webhooks/{id}/status", admin, webhooks::status},
    Route{.method = Method::post,
          .pattern = "/api/webhooks/{id}/test",
          .role = admin,
          .handler = webhooks::test,
          .body_optional = true},
    Route{Method::post, "/api/webhooks/{id}/replay", admin, webhooks::replay},
    Route{Method::get, "/api/webhooks/{id}/dead-letters", admin, webhooks::dead_letters, nullptr,
          page_parameters},
    Route{.method = Method::post,
          .pattern = "/api/webhooks/{id}/dead-letters/{letter}/redeliver",
          .role = admin,
          .handler = webhooks::redeliver,
          .body_optional = true},
    Route{Method::delete_, "/api/webhooks/{id}/dead-letters/{letter}", admin, webhooks::discard},
    Route{Method::get, "/api/dashboard", viewer, dashboard::metrics, nullptr, timeframe_parameters},
    Route{.method = Method::get,
          .pattern = "/realtime/v1/websocket",
          .role = Role::anon,  // each channel asks who its user is
          .handler = realtime::open_socket,
          .any_parameters = true,
          .credentials = Route::Credentials::key_in_query,
          .undescribed = true},
    Route{.method = Method::post,
          .pattern = "/realtime/v1/api/broadcast",
          .role = viewer,
          .handler = realtime::broadcast_many,
          .any_parameters = true,
          .credentials = Route::Credentials::bearer_or_key},
    Route{.method = Method::post,
          .pattern = "/realtime/v1/api/broadcast/{topic}/events/{event}",
          .role = viewer,
          .handler = realtime::broadcast_one,
          .any_parameters = true,
          .media = "",
          .credentials = Route::Credentials::bearer_or_key},
    rest_route(Method::get, "/rest/v1", viewer, rest::root),
    rest_route(Method::get, "/rest/v1/{id}", viewer, rest::read),
    rest_route(Method::post, "/rest/v1/{id}", writer, rest::insert),
    rest_route(Method::patch, "/rest/v1/{id}", writer, rest::update),
    rest_route(Method::delete_, "/rest/v1/{id}", writer, rest::remove),
    rest_route(Method::get, "/rest/v1/rpc/{id}", viewer, rest::call_function),
    rest_route(Method::post, "/rest/v1/rpc/{id}", viewer, rest::call_function),
    Route{Method::get, "/healthz", viewer, nullptr, health::alive},
    Route{Method::get, "/readyz", viewer, nullptr, health::ready},
    Route{Method::get, "/openapi.json", viewer, nullptr, openapi_document},
    Route{
        .method = Method::get, .pattern = "/metrics", .open = metrics::page, .for_operators = true},
};

static_assert(all_described(routes, operations), "operations.hpp has one operation for each route");

}  // namespace

std::span<const Route> all_routes() { return routes; }

Result<Match> find_route(Method method, const Target& target) {
    TENANTRY_TRY(found, find_in(routes, method, target));
    return Match{found.route, found.ids[0]};
}

bool takes_file(Method method, std::string_view target) noexcept {
    if (method != Method::post) return false;
    const auto path = target.substr(0, target.find('?'));
    return std::ranges::any_of(routes, [&](const Route& route) {
        return route.takes_file && route.method == method && route.pattern == path;
    });
}

std::string allowed_methods(const Target& target) { return methods_of(routes, target); }

}  // namespace tenantry::http
