#pragma once
/// What each route is to those who read about it: the words and kinds that /openapi.json is made
/// of, beside what the table of routes says. A route without an operation does not compile
/// (routes.cpp).

#include "http/request.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace tenantry::http {

/// The body of a request.
struct Takes {
    enum class Kind { nothing, new_row, replacement, changes, object, leads_csv };
    Kind kind = Kind::nothing;
    std::string_view name{};  // of the relation; of `object`: a schema of openapi_schemas.cpp
};

/// The answer when all is well.
struct Gives {
    enum class Kind {
        row,      // 200
        created,  // 201
        made,     // 201, of a schema of openapi_named.cpp
        removed,  // 200, likewise; or 202 while it goes on
        page,     // 200
        nothing,  // 204
        object,   // 200
        leads_file,
        event_stream,
        document,
        text,      // 200
        accepted,  // 202, without a body
    };
    Kind kind = Kind::nothing;
    std::string_view name{};    // as in Takes
    std::string_view member{};  // of a page: what its rows stand under, if not the relation's name
};

struct Operation {
    Method method;
    std::string_view pattern;  // of its route
    std::string_view id;       // unique; what generated clients call it
    std::string_view tag;
    std::string_view summary;
    Takes takes{};
    Gives gives{};
    /// Codes of refusals that its kind doesn't imply.
    std::span<const Errc> refusals{};
};

namespace describe {

constexpr Takes new_row(std::string_view relation) { return {Takes::Kind::new_row, relation}; }
constexpr Takes replacement(std::string_view relation) {
    return {Takes::Kind::replacement, relation};
}
constexpr Takes changed(std::string_view relation) { return {Takes::Kind::changes, relation}; }
/// A body of the named schema.
constexpr Takes body(std::string_view schema) { return {Takes::Kind::object, schema}; }

constexpr Gives row(std::string_view relation) { return {Gives::Kind::row, relation}; }
constexpr Gives created(std::string_view relation) { return {Gives::Kind::created, relation}; }
constexpr Gives page(std::string_view relation, std::string_view member = {}) {
    return {Gives::Kind::page, relation, member};
}
/// An answer of the named schema.
constexpr Gives answer(std::string_view schema) { return {Gives::Kind::object, schema}; }

inline constexpr std::array import_refusals{Errc::conflict};
inline constexpr std::array decision_refusals{Errc::conflict};
inline constexpr std::array taken{Errc::conflict};
inline constexpr std::array resync{Errc::resync_required, Errc::bad_cursor};
inline constexpr std::array hidden{Errc::no_such_route};
inline constexpr std::array unheard{Errc::webhook_failed};

}  // namespace describe

inline constexpr auto operations = [] {
    using namespace describe;
    using enum Method;
    constexpr Gives nothing{};
    // clang-format off
    return std::to_array<Operation>({
        {get, "/api/leads", "listLeads", "leads",
         "Lists and searches leads",
         {}, page("leads")},
        {post, "/api/leads", "createLead", "leads",
         "Makes a lead",
         new_row("leads"), created("leads")},
        {get, "/api/leads/{id}", "getLead", "leads",
         "One lead",
         {}, row("leads")},
        {put, "/api/leads/{id}", "replaceLead", "leads",
         "Replaces a lead; what is left out becomes its default or null",
         replacement("leads"), row("leads")},
        {patch, "/api/leads/{id}", "updateLead", "leads",
         "Changes the fields given",
         changed("leads"), row("leads")},
        {delete_, "/api/leads/{id}", "deleteLead", "leads",
         "Deletes a lead with its events, approvals and contacts",
         {}, nothing},
        {get, "/api/leads/export", "exportLeads", "leads",
         "All leads as a file, oldest first; it breaks off if something goes wrong",
         {}, {Gives::Kind::leads_file, "leads"}},
        {post, "/api/leads/import", "importLeads", "leads",
         "Imports what is good in a CSV file and lists what isn't",
         {Takes::Kind::leads_csv, "leads"}, answer("ImportReport"), import_refusals},
        {get, "/api/leads/{id}/events", "listLeadEvents", "events",
         "Lists the events of a lead, newest first",
         {}, page("events")},
        {get, "/api/events", "listEvents", "events",
         "Lists events, newest first",
         {}, page("events")},
        {post, "/api/events", "createEvent", "events",
         "Records an event",
         new_row("events"), created("events")},
        {get, "/api/events/{id}", "getEvent", "events",
         "One event",
         {}, row("events")},
        {get, "/api/approvals", "listApprovals", "approvals",
         "Lists approvals",
         {}, page("approvals")},
        {post, "/api/approvals", "createApproval", "approvals",
         "Asks for an approval",
         new_row("approvals"), created("approvals")},
        {get, "/api/approvals/pending", "listPendingApprovals", "approvals",
         "Lists those that wait for a decision",
         {}, page("approvals")},
        {get, "/api/approvals/history", "listDecidedApprovals", "approvals",
         "Lists those that were decided",
         {}, page("approvals")},
        {post, "/api/approvals/decisions", "decideApprovals", "approvals",
         "Decides up to 500, each for itself",
         body("Decisions"), answer("DecisionResults")},
        {get, "/api/approvals/{id}", "getApproval", "approvals",
         "One approval",
         {}, row("approvals")},
        {get, "/api/approvals/{id}/history", "getApprovalHistory", "approvals",
         "The steps that it has been through",
         {}, answer("ApprovalHistory")},
        {post, "/api/approvals/{id}/approve", "approve", "approvals",
         "Approves what is pending",
         {}, row("approvals"), decision_refusals},
        {post, "/api/approvals/{id}/reject", "reject", "approvals",
         "Rejects what is pending, for a reason",
         body("Reason"), row("approvals"), decision_refusals},
        {post, "/api/approvals/{id}/sent", "markApprovalSent", "approvals",
         "Notes that what was approved was sent",
         {}, row("approvals"), decision_refusals},
        {post, "/api/approvals/{id}/failed", "markApprovalFailed", "approvals",
         "Notes that what was approved could not be sent",
         body("OptionalReason"), row("approvals"), decision_refusals},
        {get, "/api/contacts", "listContacts", "contacts",
         "Lists contacts, newest first",
         {}, page("contacts")},
        {post, "/api/contacts", "createContact", "contacts",
         "Makes a contact",
         new_row("contacts"), created("contacts")},
        {get, "/api/contacts/{id}", "getContact", "contacts",
         "One contact",
         {}, row("contacts")},
        {put, "/api/contacts/{id}", "replaceContact", "contacts",
         "Replaces a contact; what is left out becomes its default or null",
         replacement("contacts"), row("contacts")},
        {patch, "/api/contacts/{id}", "updateContact", "contacts",
         "Changes the fields given",
         changed("contacts"), row("contacts")},
        {delete_, "/api/contacts/{id}", "deleteContact", "contacts",
         "Deletes a contact",
         {}, nothing},
        {get, "/api/icp-profiles/templates", "listIcpTemplates", "icp-profiles",
         "Profiles to start from",
         {}, answer("IcpTemplates")},
        {get, "/api/icp-profiles", "listIcpProfiles", "icp-profiles",
         "Lists profiles, newest first",
         {}, page("icp_profiles")},
        {post, "/api/icp-profiles", "createIcpProfile", "icp-profiles",
         "Makes a profile",
         new_row("icp_profiles"), created("icp_profiles")},
        {get, "/api/icp-profiles/{id}", "getIcpProfile", "icp-profiles",
         "One profile",
         {}, row("icp_profiles")},
        {put, "/api/icp-profiles/{id}", "replaceIcpProfile", "icp-profiles",
         "Replaces a profile; what is left out becomes its default or null",
         replacement("icp_profiles"), row("icp_profiles")},
        {patch, "/api/icp-profiles/{id}", "updateIcpProfile", "icp-profiles",
         "Changes the fields given",
         changed("icp_profiles"), row("icp_profiles")},
        {delete_, "/api/icp-profiles/{id}", "deleteIcpProfile", "icp-profiles",
         "Deletes a profile",
         {}, nothing},
        {post, "/api/icp-profiles/{id}/clone", "cloneIcpProfile", "icp-profiles",
         "Copies a profile under another name",
         body("CloneName"), created("icp_profiles")},
        {get, "/api/identities", "listIdentities", "identities",
         "Lists identities, newest first",
         {}, page("identities")},
        {post, "/api/identities", "createIdentity", "identities",
         "Makes an identity",
         new_row("identities"), created("identities")},
        {get, "/api/identities/{id}", "getIdentity", "identities",
         "One identity",
         {}, row("identities")},
        {put, "/api/identities/{id}", "replaceIdentity", "identities",
         "Replaces an identity; what is left out becomes its default or null",
         replacement("identities"), row("identities")},
        {patch, "/api/identities/{id}", "updateIdentity", "identities",
         "Changes the fields given",
         changed("identities"), row("identities")},
        {delete_, "/api/identities/{id}", "deleteIdentity", "identities",
         "Deletes an identity",
         {}, nothing},
        {get, "/api/agents", "listAgents", "agents",
         "Lists agents, newest first",
         {}, page("agents")},
        {post, "/api/agents", "createAgent", "agents",
         "Makes an agent",
         new_row("agents"), created("agents")},
        {get, "/api/agents/{id}", "getAgent", "agents",
         "One agent",
         {}, row("agents")},
        {put, "/api/agents/{id}", "replaceAgent", "agents",
         "Replaces an agent; what is left out becomes its default or null",
         replacement("agents"), row("agents")},
        {patch, "/api/agents/{id}", "updateAgent", "agents",
         "Changes the fields given",
         changed("agents"), row("agents")},
        {delete_, "/api/agents/{id}", "deleteAgent", "agents",
         "Deletes an agent; its leads become unassigned",
         {}, nothing},
        {get, "/api/sync", "sync", "changes",
         "What has changed since a place in the tenant's feed, in the order of commits",
         {}, answer("ChangePage"), resync},
        {get, "/api/changes/stream", "streamChanges", "changes",
         "Changes as they are committed, as server-sent events",
         {}, {Gives::Kind::event_stream, "Change"}, resync},
        {get, "/api/webhooks", "listWebhooks", "webhooks",
         "Lists webhooks, newest first",
         {}, page("webhooks"), hidden},
        {post, "/api/webhooks", "createWebhook", "webhooks",
         "Makes a webhook; its secret is shown this once",
         new_row("webhooks"), {Gives::Kind::made, "CreatedWebhook"}, hidden},
        {get, "/api/webhooks/{id}", "getWebhook", "webhooks",
         "One webhook",
         {}, row("webhooks")},
        {patch, "/api/webhooks/{id}", "updateWebhook", "webhooks",
         "Changes the fields given; what waits is tried again at once",
         changed("webhooks"), row("webhooks")},
        {delete_, "/api/webhooks/{id}", "deleteWebhook", "webhooks",
         "Deletes a webhook with its dead letters",
         {}, nothing},
        {post, "/api/webhooks/{id}/rotate-secret", "rotateWebhookSecret", "webhooks",
         "Makes a new secret, which is shown this once; the old one signs beside it for a day",
         {}, answer("WebhookSecret")},
        {get, "/api/webhooks/{id}/status", "getWebhookStatus", "webhooks",
         "How its deliveries fare",
         {}, answer("WebhookStatus")},
        {post, "/api/webhooks/{id}/test", "testWebhook", "webhooks",
         "Sends a message without changes, and says what came of it",
         {}, nothing, unheard},
        {post, "/api/webhooks/{id}/replay", "replayWebhook", "webhooks",
         "Sends everything since a place in the feed again",
         body("Since"), nothing},
        {get, "/api/webhooks/{id}/dead-letters", "listDeadLetters", "webhooks",
         "Lists messages that were given up, newest first",
         {}, answer("DeadLetterPage")},
        {post, "/api/webhooks/{id}/dead-letters/{letter}/redeliver", "redeliverDeadLetter",
         "webhooks", "Sends one of them once more; delivered, it is gone",
         {}, nothing, unheard},
        {delete_, "/api/webhooks/{id}/dead-letters/{letter}", "discardDeadLetter", "webhooks",
         "Forgets one of them",
         {}, nothing},
        {get, "/api/dashboard", "getDashboard", "dashboard",
         "Figures of the last day, week or month",
         {}, answer("Dashboard")},
        {get, "/rest/v1", "restRoot", "rest", "Nothing: this document describes the rest", {}, nothing},
        {get, "/rest/v1/{id}", "restRead", "rest", "Rows, as PostgREST reads them", {}, nothing},
        {post, "/rest/v1/{id}", "restInsert", "rest", "Inserts or upserts rows", {}, nothing},
        {patch, "/rest/v1/{id}", "restUpdate", "rest", "Changes the rows that pass the filter",
         {}, nothing},
        {delete_, "/rest/v1/{id}", "restRemove", "rest", "Deletes the rows that pass the filter",
         {}, nothing},
        {get, "/rest/v1/rpc/{id}", "restCallByGet", "rest", "Calls a function that only reads", {}, nothing},
        {post, "/rest/v1/rpc/{id}", "restCall", "rest", "Calls a function", {}, nothing},
        {get, "/realtime/v1/websocket", "openSocket", "realtime",
         "A WebSocket, which this document doesn't describe",
         {}, nothing, hidden},
        {post, "/realtime/v1/api/broadcast", "broadcastMessages", "realtime",
         "Sends messages to the clients in channels",
         body("BroadcastMessages"), {Gives::Kind::accepted}, hidden},
        {post, "/realtime/v1/api/broadcast/{topic}/events/{event}", "broadcastEvent", "realtime",
         "Sends the body, which may also be an application/octet-stream, to the clients in a channel",
         body("BroadcastPayload"), {Gives::Kind::accepted}, hidden},
        {get, "/healthz", "isAlive", "server",
         "Whether the process answers at all",
         {}, answer("Health")},
        {get, "/readyz", "isReady", "server",
         "Whether it can serve",
         {}, answer("Health")},
        {get, "/openapi.json", "getDocument", "server",
         "This document",
         {}, {Gives::Kind::document}},
        {get, "/metrics", "getMetrics", "server",
         "How the server fares, in Prometheus' text format; the configuration says who else may look",
         {}, {Gives::Kind::text}, hidden},
    });
    // clang-format on
}();

/// Those of the operators' routes.
inline constexpr auto operator_operations = [] {
    using namespace describe;
    using enum Method;
    constexpr Gives nothing{};
    constexpr std::string_view tag = "admin";
    constexpr Gives issued{Gives::Kind::made, "IssuedApiKey"};
    // clang-format off
    return std::to_array<Operation>({
        {get, "/admin/v1/tenants", "listTenants", tag, "Lists tenants by id",
         {}, answer("TenantPage")},
        {post, "/admin/v1/tenants", "createTenant", tag, "Makes a tenant",
         body("NewTenant"), {Gives::Kind::made, "Tenant"}, taken},
        {get, "/admin/v1/tenants/{id}", "getTenant", tag, "One tenant",
         {}, answer("Tenant")},
        {patch, "/admin/v1/tenants/{id}", "updateTenant", tag, "Renames, suspends, resumes a tenant",
         body("TenantChanges"), answer("Tenant"), taken},
        {delete_, "/admin/v1/tenants/{id}", "deleteTenant", tag,
         "Deletes a tenant with all of its rows, for good",
         body("Confirmation"), {Gives::Kind::removed, "RemovalReceipt"}, taken},
        {get, "/admin/v1/tenants/{id}/quotas", "getTenantQuotas", tag, "What a tenant may use",
         {}, answer("TenantQuotas")},
        {patch, "/admin/v1/tenants/{id}/quotas", "updateTenantQuotas", tag,
         "Changes the quotas given, at once",
         body("QuotaChanges"), answer("TenantQuotas"), taken},
        {get, "/admin/v1/tenants/{id}/members", "listMembers", tag, "Lists members by e-mail address",
         {}, answer("MemberPage")},
        {post, "/admin/v1/tenants/{id}/members", "addMember", tag, "Makes somebody a member",
         body("NewMember"), {Gives::Kind::made, "Member"}, taken},
        {patch, "/admin/v1/tenants/{id}/members/{user}", "updateMember", tag, "Changes a role",
         body("MemberChanges"), answer("Member"), taken},
        {delete_, "/admin/v1/tenants/{id}/members/{user}", "removeMember", tag, "Ends a membership",
         {}, nothing, taken},
        {get, "/admin/v1/tenants/{id}/keys", "listTenantKeys", tag, "Lists a tenant's keys",
         {}, answer("ApiKeyPage")},
        {post, "/admin/v1/tenants/{id}/keys", "createTenantKey", tag,
         "Makes a key, which is shown this once",
         body("NewApiKey"), issued, taken},
        {delete_, "/admin/v1/tenants/{id}/keys/{key}", "revokeTenantKey", tag, "Revokes a key",
         {}, answer("ApiKey")},
        {get, "/admin/v1/keys", "listOperatorKeys", tag, "Lists operators' keys",
         {}, answer("ApiKeyPage")},
        {post, "/admin/v1/keys", "createOperatorKey", tag,
         "Makes an operator's key, which is shown this once",
         body("NewOperatorKey"), issued},
        {delete_, "/admin/v1/keys/{key}", "revokeOperatorKey", tag, "Revokes an operator's key",
         {}, answer("ApiKey")},
        {get, "/admin/v1/receipts/{receipt}", "getReceipt", tag, "What a deletion left behind",
         {}, answer("KeptReceipt")},
        {get, "/admin/v1/users", "listUsers", tag, "Lists users by e-mail address",
         {}, answer("UserPage")},
        {get, "/admin/v1/audit", "listAudit", tag, "The audit log, the newest entry first",
         {}, answer("AuditPage")},
    });
    // clang-format on
}();

/// nullptr if there is none.
constexpr const Operation* operation_of(Method method, std::string_view pattern) {
    for (const auto& operation : operations) {
        if (operation.method == method && operation.pattern == pattern) return &operation;
    }
    for (const auto& operation : operator_operations) {
        if (operation.method == method && operation.pattern == pattern) return &operation;
    }
    return nullptr;
}

/// Whether each of `routes` has one of `described`, and there are no more of those. Compares no
/// pointers: with sanitizers, GCC 12 takes an element's address for no constant.
template <class Routes, class Operations>
constexpr bool all_described(const Routes& routes, const Operations& described) {
    return described.size() == routes.size() && std::ranges::all_of(routes, [&](const auto& route) {
               return std::ranges::any_of(described, [&](const Operation& operation) {
                   return operation.method == route.method && operation.pattern == route.pattern;
               });
           });
}

}  // namespace tenantry::http
