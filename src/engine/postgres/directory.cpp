#include "postgres/directory.hpp"

#include "control/stores.hpp"
#include "pg/client.hpp"
#include "pg/decode.hpp"

#include <algorithm>

namespace tenantry::engine::postgres {
namespace {

std::optional<TenantFacts> facts_at(const pg::Rows& rows, std::size_t version_column) {
    const auto version = rows.cell(0, version_column);
    if (!version) return std::nullopt;
    return TenantFacts{pg::decode_uuid(*version).value(), pg::text_at(rows, 0, version_column + 1)};
}

std::optional<Uuid> version_of(const std::optional<TenantFacts>& facts) {
    return facts ? std::optional{facts->version} : std::nullopt;
}

}  // namespace

pg::Call standing_call(const TenantId& tenant, std::string_view subject) {
    pg::Call call{.text =
                      "SELECT $1::text, t.status, t.standing_version, t.settings::text,"
                      " EXISTS (SELECT FROM tenantry.users WHERE id = $2::uuid),"
                      " (SELECT role FROM tenantry.memberships"
                      " WHERE tenant_id = $1::text AND user_id = $2::uuid)"
                      " FROM (SELECT) one LEFT JOIN tenantry.tenants t ON t.id = $1::text"};
    call.arguments.add_text(tenant.text());
    // A subject that is no uuid is no user's.
    if (const auto id = parse_uuid(subject)) {
        call.arguments.add_uuid(*id);
    } else {
        call.arguments.add_null();
    }
    return call;
}

StandingAnswer standing_in(const pg::Rows& rows) {
    StandingAnswer answer{.facts = facts_at(rows, 2)};
    auto& standing = answer.standing;
    if (answer.facts) standing.tenant = control::tenant_status_of(pg::text_at(rows, 0, 1));
    standing.version = version_of(answer.facts);
    standing.is_user = pg::boolean_at(rows, 0, 4);
    if (const auto role = pg::text_at(rows, 0, 5); !role.empty())
        standing.membership = parse_role(role).value();
    return answer;
}

pg::Call key_call(std::string_view hash) {
    pg::Call call{.text =
                      "SELECT $1::text, k.id::text, k.tenant_id, t.status, k.role, k.expires_at,"
                      " k.revoked_at IS NOT NULL, t.standing_version, t.settings::text"
                      " FROM (SELECT) one LEFT JOIN tenantry.api_keys k ON k.hash = $1::text"
                      " LEFT JOIN tenantry.tenants t ON t.id = k.tenant_id"};
    call.arguments.add_text(hash);
    return call;
}

KeyAnswer key_in(const pg::Rows& rows) {
    const auto id = pg::text_at(rows, 0, 1);
    if (id.empty()) return {};
    KeyAnswer answer{.facts = facts_at(rows, 7)};
    auto& key = answer.key.emplace(auth::KeyStanding{.id = auth::ApiKeyId::parse(id).value()});
    key.version = version_of(answer.facts);
    if (const auto tenant = pg::text_at(rows, 0, 2); !tenant.empty()) {
        key.tenant = TenantId::parse(tenant).value();
        key.status = control::tenant_status_of(pg::text_at(rows, 0, 3));
        key.role = parse_role(pg::text_at(rows, 0, 4)).value();
    }
    if (const auto expiry = rows.cell(0, 5)) key.expires_at = pg::decode_timestamp(*expiry);
    key.revoked = pg::boolean_at(rows, 0, 6);
    return answer;
}

pg::Call settings_call(const TenantId& tenant) {
    pg::Call call{.text = "SELECT $1::text, settings::text FROM tenantry.tenants WHERE id = $1"};
    call.arguments.add_text(tenant.text());
    return call;
}

pg::Call marks_call(std::string_view asked, std::span<const TenantId> tenants) {
    pg::Call call{
        .text =
            "SELECT $1::text, pg_current_snapshot()::text,"
            " (SELECT string_agg(coalesce(t.standing_version::text, 'none'), ',' ORDER BY w.at)"
            " FROM unnest($2::text[]) WITH ORDINALITY w (id, at)"
            " LEFT JOIN tenantry.tenants t ON t.id = w.id)"};
    call.arguments.add_text(asked);
    std::vector<std::string> ids;
    ids.reserve(tenants.size());
    for (const auto& tenant : tenants) ids.push_back(tenant.text());
    call.arguments.add_text_array(ids);
    return call;
}

Marks marks_in(const pg::Rows& rows) {
    Marks marks{.commits = pg::text_at(rows, 0, 1)};
    const auto standings = pg::text_at(rows, 0, 2);
    std::string_view rest{standings};
    while (!rest.empty()) {
        const auto one = rest.substr(0, rest.find(','));
        marks.standings.emplace_back(one);
        rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    }
    return marks;
}

bool is_echoed(std::string_view asked, const pg::Rows& rows) noexcept {
    return rows.size() == 1 && rows.cell(0, 0) == asked;
}

}  // namespace tenantry::engine::postgres
