// The schemas that no relation gives, as they stand in the document.

#include "openapi.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cstdlib>

namespace tenantry::http::openapi {
namespace {

namespace json = boost::json;

struct NamedSchema {
    std::string_view name;
    std::string_view text;
};

constexpr auto named = std::to_array<NamedSchema>({
    {"Problem", R"({
        "type": "object",
        "description": "Why a request was refused.",
        "required": ["error", "code"],
        "properties": {
            "error": {"type": "string", "description": "A sentence for people; may change."},
            "code": {"type": "string", "description": "Stable; what programs look at."},
            "field": {"type": "string", "description": "The one input that is to blame."}
        }})"},
    {"ProblemDetails", R"({
        "type": "object",
        "description": "The same by RFC 9457, for who prefers application/problem+json.",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "A sentence for people; may change."},
            "code": {"type": "string", "description": "Stable; what programs look at."},
            "field": {"type": "string", "description": "The one input that is to blame."},
            "instance": {"type": "string", "format": "uri-reference"}
        }})"},
    {"BroadcastMessages", R"({
        "type": "object",
        "required": ["messages"],
        "properties": {"messages": {"type": "array", "items": {
            "type": "object",
            "required": ["topic", "event"],
            "properties": {
                "topic": {"type": "string", "description": "The channel's name."},
                "event": {"type": "string"},
                "payload": {"type": "object", "description": "Any JSON."}}}}}})"},
    {"BroadcastPayload", R"({"type": "object", "description": "Any JSON.", "properties": {}})"},
    {"Health", R"({
        "type": "object",
        "required": ["status"],
        "properties": {"status": {"type": "string", "enum": ["alive", "ready"]}}})"},
    {"Change", R"({
        "type": "object",
        "description": "One committed change of one row.",
        "required": ["seq", "relation", "op", "id", "committed_at", "row", "old"],
        "properties": {
            "seq": {"type": "integer", "format": "int64",
                    "description": "The number of the change in its tenant: no number is left out."},
            "relation": {"type": "string"},
            "op": {"type": "string", "enum": ["insert", "update", "delete"]},
            "id": {"type": "string", "format": "uuid"},
            "committed_at": {"type": "string", "format": "date-time"},
            "row": {"type": ["object", "null"],
                    "description": "The row after the change; null if it is gone."},
            "old": {"type": ["object", "null"],
                    "description": "The row before the change; null if it is new."}
        }})"},
    {"ChangePage", R"({
        "type": "object",
        "required": ["changes", "next", "has_more"],
        "properties": {
            "changes": {"type": "array", "items": {"$ref": "#/components/schemas/Change"}},
            "next": {"type": "string", "description": "The `since` of the next request."},
            "has_more": {"type": "boolean", "description": "There is more already."}
        }})"},
    {"CreatedWebhook", R"({
        "allOf": [
            {"$ref": "#/components/schemas/Webhook"},
            {"type": "object",
             "required": ["secret"],
             "properties": {"secret": {"type": "string",
                                       "description": "Signs messages; shown this once."}}}
        ]})"},
    {"WebhookSecret", R"({
        "type": "object",
        "required": ["secret"],
        "properties": {
            "secret": {"type": "string", "description": "Signs messages; shown this once."}}})"},
    {"WebhookStatus", R"({
        "type": "object",
        "required": ["state", "delivered_to", "behind", "failures", "next_attempt_at",
                     "last_delivered_at", "last_error", "dead_letters"],
        "properties": {
            "state": {"type": "string", "enum": ["delivering", "failing", "paused"]},
            "delivered_to": {"type": "string", "description": "A place in the feed, a `since`."},
            "behind": {"type": "integer", "format": "int64",
                       "description": "Changes after that place, wanted or not."},
            "failures": {"type": "integer", "format": "int64",
                         "description": "Of the message that is tried now."},
            "next_attempt_at": {"type": ["string", "null"], "format": "date-time"},
            "last_delivered_at": {"type": ["string", "null"], "format": "date-time"},
            "last_error": {"type": ["string", "null"]},
            "dead_letters": {"type": "integer", "format": "int64"}
        }})"},
    {"DeadLetterPage", R"({
        "type": "object",
        "required": ["dead_letters", "total", "next"],
        "properties": {
            "dead_letters": {"type": "array", "items": {
                "type": "object",
                "required": ["tenant_id", "id", "message_id", "attempts", "last_error",
                             "created_at", "updated_at"],
                "properties": {
                    "tenant_id": {"type": "string"},
                    "id": {"type": "string", "format": "uuid"},
                    "message_id": {"type": "string", "description": "The `webhook-id`."},
                    "attempts": {"type": "integer", "format": "int64"},
                    "last_error": {"type": ["string", "null"]},
                    "created_at": {"type": "string", "format": "date-time"},
                    "updated_at": {"type": "string", "format": "date-time"}}}},
            "total": {"type": "integer", "format": "int64"},
            "next": {"type": ["string", "null"]}
        }})"},
    {"Since", R"({
        "type": "object",
        "additionalProperties": false,
        "required": ["since"],
        "properties": {"since": {"type": "string", "description": "A place in the feed, or 0.",
                                     "examples": ["0"]}}})"},
    {"ImportReport", R"({
        "type": "object",
        "required": ["dry_run", "rows", "imported", "unchanged", "refused_rows", "refused"],
        "properties": {
            "dry_run": {"type": "boolean", "description": "Nothing was written."},
            "rows": {"type": "integer", "format": "int64",
                     "description": "Of the file; the sum of the next three."},
            "imported": {"type": "integer", "format": "int64"},
            "unchanged": {"type": "integer", "format": "int64",
                          "description": "Were there already."},
            "refused_rows": {"type": "integer", "format": "int64"},
            "refused": {
                "type": "array",
                "description": "The first 1,000 of them.",
                "items": {
                    "type": "object",
                    "required": ["line", "column", "reason"],
                    "properties": {
                        "line": {"type": "integer", "format": "int64",
                                 "description": "On which the row starts, from 1."},
                        "column": {"type": "string", "description": "Empty: the whole row."},
                        "reason": {"type": "string"}
                    }
                }
            }
        }})"},
    {"Reason", R"({
        "type": "object",
        "additionalProperties": false,
        "required": ["reason"],
        "properties": {"reason": {"type": "string", "minLength": 1, "maxLength": 4096}}})"},
    {"OptionalReason", R"({
        "type": "object",
        "additionalProperties": false,
        "properties": {"reason": {"type": "string", "maxLength": 4096}}})"},
    {"Decisions", R"({
        "type": "object",
        "additionalProperties": false,
        "required": ["decisions"],
        "properties": {"decisions": {
            "type": "array",
            "maxItems": 500,
            "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["id", "status"],
                "properties": {
                    "id": {"type": "string", "format": "uuid", "x-references": "Approval"},
                    "status": {"type": "string",
                               "enum": ["approved", "rejected", "sent", "failed"]},
                    "reason": {"type": "string", "maxLength": 4096,
                               "description": "Needed to reject."}
                }
            }
        }}})"},
    {"DecisionResults", R"({
        "type": "object",
        "required": ["results"],
        "properties": {"results": {
            "type": "array",
            "description": "One for each decision, in their order.",
            "items": {
                "type": "object",
                "required": ["id", "status"],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "status": {"type": "integer",
                               "description": "That of an answer to this decision alone."},
                    "approval": {"$ref": "#/components/schemas/Approval"},
                    "error": {"type": "string"},
                    "code": {"type": "string"}
                }
            }
        }}})"},
    {"ApprovalHistory", R"({
        "type": "object",
        "required": ["history"],
        "properties": {"history": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["status", "at"],
                "properties": {
                    "status": {"type": "string",
                               "enum": ["pending", "approved", "rejected", "sent", "failed"]},
                    "at": {"type": "string", "format": "date-time"},
                    "by": {"type": "string"},
                    "reason": {"type": "string"}
                }
            }
        }}})"},
    {"IcpTemplates", R"({
        "type": "object",
        "required": ["templates"],
        "properties": {"templates": {
            "type": "array",
            "items": {"$ref": "#/components/schemas/NewIcpProfile"}
        }}})"},
    {"CloneName", R"({
        "type": "object",
        "additionalProperties": false,
        "required": ["name"],
        "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 255}}})"},
    {"Dashboard", R"({
        "type": "object",
        "required": ["timeframe", "totalLeads", "newLeads", "activeLeads", "pendingApprovals",
                     "conversionRate", "leadsByStatus", "funnel", "leadsBySource", "otherSources",
                     "dailyTrend", "recentActivity"],
        "properties": {
            "timeframe": {"type": "string", "enum": ["day", "week", "month"]},
            "totalLeads": {"type": "integer", "format": "int64"},
            "newLeads": {"type": "integer", "format": "int64",
                         "description": "Made within the timeframe."},
            "activeLeads": {"type": "integer", "format": "int64",
                            "description": "New, contacted or qualified."},
            "pendingApprovals": {"type": "integer", "format": "int64"},
            "conversionRate": {"type": "number", "description": "Percent of all leads."},
            "leadsByStatus": {"type": "object",
                              "additionalProperties": {"type": "integer", "format": "int64"}},
            "funnel": {
                "type": "array",
                "description": "How many leads are at a stage or past it.",
                "items": {
                    "type": "object",
                    "required": ["stage", "count"],
                    "properties": {"stage": {"type": "string"},
                                   "count": {"type": "integer", "format": "int64"}}
                }
            },
            "leadsBySource": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["source", "count"],
                    "properties": {"source": {"type": ["string", "null"]},
                                   "count": {"type": "integer", "format": "int64"}}
                }
            },
            "otherSources": {"type": "integer", "format": "int64"},
            "dailyTrend": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["date", "created", "converted"],
                    "properties": {"date": {"type": "string", "format": "date"},
                                   "created": {"type": "integer", "format": "int64"},
                                   "converted": {"type": "integer", "format": "int64"}}
                }
            },
            "recentActivity": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}}
        }})"},
    {"Tenant", R"({
        "type": "object",
        "required": ["id", "name", "status", "created_at", "updated_at"],
        "properties": {
            "id": {"type": "string", "maxLength": 255},
            "name": {"type": "string"},
            "status": {"type": "string", "enum": ["active", "suspended", "deleting"]},
            "created_at": {"type": "string", "format": "date-time"},
            "updated_at": {"type": "string", "format": "date-time"}
        }})"},
    {"TenantPage", R"({
        "type": "object",
        "required": ["tenants", "next"],
        "properties": {
            "tenants": {"type": "array",
                "items": {"$ref": "#/components/schemas/Tenant"}},
            "next": {"type": ["string", "null"]}
        }})"},
    {"NewTenant", R"({
        "type": "object",
        "additionalProperties": false,
        "required": ["id"],
        "properties": {
            "id": {"type": "string", "maxLength": 255},
            "name": {"type": "string", "maxLength": 255, "description": "The id unless given."}
        }})"},
    {"TenantChanges", R"({
        "type": "object",
        "additionalProperties": false,
        "minProperties": 1,
        "properties": {
            "name": {"type": "string", "maxLength": 255},
            "status": {"type": "string", "enum": ["active", "suspended"]}
        }})"},
    {"HeldQuota", R"({
        "type": "object",
        "required": ["value", "source"],
        "properties": {
            "value": {"type": ["integer", "null"], "format": "int64",
                      "description": "Null: there is no such quota."},
            "source": {"type": "string", "enum": ["tenant", "default"]}
        }})"},
    {"TenantQuotas", R"({
        "type": "object",
        "required": ["id", "quotas"],
        "properties": {
            "id": {"type": "string", "maxLength": 255},
            "quotas": {
                "type": "object",
                "required": ["requests_per_second", "request_burst", "concurrent_requests", "rows", "body_bytes"],
                "properties": {
                    "requests_per_second": {"$ref": "#/components/schemas/HeldQuota"},
                    "request_burst": {"$ref": "#/components/schemas/HeldQuota"},
                    "concurrent_requests": {"$ref": "#/components/schemas/HeldQuota"},
                    "rows": {"$ref": "#/components/schemas/HeldQuota"},
                    "body_bytes": {"$ref": "#/components/schemas/HeldQuota"}
                }}
        }})"},
    {"QuotaChanges", R"({
        "type": "object",
        "description": "Whole numbers; \"unlimited\" or 0 for none; null for the server's default.",
        "additionalProperties": false,
        "minProperties": 1,
        "properties": {
            "requests_per_second": {"type": ["integer", "string", "null"], "minimum": 0, "maximum": 1000000},
            "request_burst": {"type": ["integer", "string", "null"], "minimum": 0, "maximum": 10000000},
            "concurrent_requests": {"type": ["integer", "string", "null"], "minimum": 0, "maximum": 1000000},
            "rows": {"type": ["integer", "string", "null"], "minimum": 0, "maximum": 1000000000000},
            "body_bytes": {"type": ["integer", "string", "null"], "minimum": 0, "maximum": 1073741824}
        }})"},
    {"Confirmation", R"({
        "type": "object",
        "additionalProperties": false,
        "required": ["confirm"],
        "properties": {
            "confirm": {"type": "string", "description": "The id of the tenant."}
        }})"},
    {"RemovalReceipt", R"({
        "type": "object",
        "required": ["deleted", "receipt", "at", "rows", "memberships", "api_keys", "users", "key_destroyed", "scrubbed"],
        "properties": {
            "deleted": {"type": "string", "description": "The id of the tenant."},
            "receipt": {"type": "string", "format": "uuid"},
            "at": {"type": "string", "format": "date-time"},
            "rows": {"type": "object", "description": "By relation.",
                     "additionalProperties": {"type": "integer", "format": "int64"}},
            "memberships": {"type": "integer", "format": "int64"},
            "api_keys": {"type": "integer", "format": "int64"},
            "users": {"type": "integer", "format": "int64",
                      "description": "Members of nothing else, who lost name and address."},
            "key_destroyed": {"type": "boolean"},
            "scrubbed": {"type": "boolean", "description": "Nothing is left in the file."}
        }})"},
    {"KeptReceipt", R"({
        "type": "object",
        "required": ["receipt", "at", "actor", "rows", "memberships", "api_keys", "users", "key_destroyed"],
        "properties": {
            "receipt": {"type": "string", "format": "uuid"},
            "at": {"type": "string", "format": "date-time"},
            "actor": {"type": "string"},
            "rows": {"type": "object", "description": "By relation.",
                     "additionalProperties": {"type": "integer", "format": "int64"}},
            "memberships": {"type": "integer", "format": "int64"},
            "api_keys": {"type": "integer", "format": "int64"},
            "users": {"type": "integer", "format": "int64",
                      "description": "Members of nothing else, who lost name and address."},
            "key_destroyed": {"type": "boolean"}
        }})"},
    {"RemovalUnderWay", R"({
        "type": "object",
        "required": ["id", "status", "receipt"],
        "properties": {
            "id": {"type": "string", "maxLength": 255},
            "status": {"type": "string", "enum": ["deleting"]},
            "receipt": {"type": "string", "format": "uuid"}
        }})"},
    {"Member", R"({
        "type": "object",
        "required": ["id", "email", "name", "tenant", "role"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "email": {"type": "string", "format": "email"},
            "name": {"type": "string"},
            "tenant": {"type": "string", "maxLength": 255},
            "role": {"type": "string", "enum": ["viewer", "operator", "admin", "owner"]}
        }})"},
    {"MemberPage", R"({
        "type": "object",
        "required": ["members", "next"],
        "properties": {
            "members": {"type": "array",
                "items": {"$ref": "#/components/schemas/Member"}},
            "next": {"type": ["string", "null"]}
        }})"},
    {"NewMember", R"({
        "type": "object",
        "additionalProperties": false,
        "required": ["email", "role"],
        "properties": {
            "email": {"type": "string", "format": "email"},
            "role": {"type": "string", "enum": ["viewer", "operator", "admin", "owner"]},
            "name": {"type": "string", "maxLength": 255}
        }})"},
    {"MemberChanges", R"({
        "type": "object",
        "additionalProperties": false,
        "required": ["role"],
        "properties": {
            "role": {"type": "string", "enum": ["viewer", "operator", "admin", "owner"]}
        }})"},
    {"ApiKey", R"({
        "type": "object",
        "required": ["id", "tenant", "name", "role", "prefix", "created_at", "created_by", "expires_at", "revoked_at", "last_used_at"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "tenant": {"type": ["string", "null"]},
            "name": {"type": "string"},
            "role": {"type": "string", "enum": ["viewer", "operator", "admin", "owner", "platform", "publishable"]},
            "prefix": {"type": "string"},
            "created_at": {"type": "string", "format": "date-time"},
            "created_by": {"type": "string"},
            "expires_at": {"type": ["string", "null"], "format": "date-time"},
            "revoked_at": {"type": ["string", "null"], "format": "date-time"},
            "last_used_at": {"type": ["string", "null"], "format": "date-time"}
        }})"},
    {"ApiKeyPage", R"({
        "type": "object",
        "required": ["keys", "next"],
        "properties": {
            "keys": {"type": "array",
                "items": {"$ref": "#/components/schemas/ApiKey"}},
            "next": {"type": ["string", "null"]}
        }})"},
    {"IssuedApiKey", R"({
        "type": "object",
        "required": ["id", "tenant", "name", "role", "prefix", "created_at", "created_by", "expires_at", "revoked_at", "last_used_at", "key"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "tenant": {"type": ["string", "null"]},
            "name": {"type": "string"},
            "role": {"type": "string", "enum": ["viewer", "operator", "admin", "owner", "platform", "publishable"]},
            "prefix": {"type": "string"},
            "created_at": {"type": "string", "format": "date-time"},
            "created_by": {"type": "string"},
            "expires_at": {"type": ["string", "null"], "format": "date-time"},
            "revoked_at": {"type": ["string", "null"], "format": "date-time"},
            "last_used_at": {"type": ["string", "null"], "format": "date-time"},
            "key": {"type": "string", "description": "Shown this once."}
        }})"},
    {"NewApiKey", R"({
        "type": "object",
        "additionalProperties": false,
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "maxLength": 255},
            "role": {"type": "string", "enum": ["viewer", "operator", "admin", "owner"],
                "description": "Required, but of publishable keys, which have none."},
            "kind": {"type": "string", "enum": ["tenant", "secret", "publishable"], "default": "tenant"},
            "expires_at": {"type": "string", "format": "date-time"}
        }})"},
    {"NewOperatorKey", R"({
        "type": "object",
        "additionalProperties": false,
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "maxLength": 255},
            "expires_at": {"type": "string", "format": "date-time"}
        }})"},
    {"User", R"({
        "type": "object",
        "required": ["id", "email", "name", "created_at", "memberships"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "email": {"type": "string", "format": "email"},
            "name": {"type": "string"},
            "created_at": {"type": "string", "format": "date-time"},
            "memberships": {"type": "array", "items": {
                "type": "object",
                "required": ["tenant", "role"],
                "properties": {"tenant": {"type": "string"}, "role": {"type": "string", "enum": ["viewer", "operator", "admin", "owner"]}}}}
        }})"},
    {"UserPage", R"({
        "type": "object",
        "required": ["users", "next"],
        "properties": {
            "users": {"type": "array",
                "items": {"$ref": "#/components/schemas/User"}},
            "next": {"type": ["string", "null"]}
        }})"},
    {"AuditEntry", R"({
        "type": "object",
        "required": ["seq", "at", "actor", "action", "tenant", "target", "detail"],
        "properties": {
            "seq": {"type": "integer", "format": "int64"},
            "at": {"type": "string", "format": "date-time"},
            "actor": {"type": "string"},
            "action": {"type": "string"},
            "tenant": {"type": ["string", "null"]},
            "target": {"type": ["string", "null"]},
            "detail": {"type": "object"}
        }})"},
    {"AuditPage", R"({
        "type": "object",
        "required": ["entries", "next"],
        "properties": {
            "entries": {"type": "array",
                "items": {"$ref": "#/components/schemas/AuditEntry"}},
            "next": {"type": ["string", "null"]}
        }})"},
});

constexpr auto names = [] {
    std::array<std::string_view, named.size()> all{};
    std::ranges::transform(named, all.begin(), &NamedSchema::name);
    return all;
}();

}  // namespace

std::span<const std::string_view> schema_names() { return names; }

json::object named_schema(std::string_view name) {
    const auto found = std::ranges::find(named, name, &NamedSchema::name);
    if (found == named.end()) std::abort();
    return json::parse(found->text).as_object();
}

}  // namespace tenantry::http::openapi
