#include "cli/records.hpp"

#include "cli/output.hpp"
#include "services/quotas.hpp"

#include <fmt/format.h>

namespace tenantry::cli {
namespace {

std::string or_dash(const std::optional<Timestamp>& time) {
    return time ? timestamp_text(*time) : "-";
}

std::string state_of(const engine::ApiKeyRecord& key, Timestamp now) {
    if (key.revoked_at) return "revoked";
    if (key.expires_at && now >= *key.expires_at) return "expired";
    return "active";
}

}  // namespace

std::string to_text(const engine::TenantRecord& tenant) {
    return table({{"id", tenant.id.text()},
                  {"name", tenant.name},
                  {"status", std::string{engine::name_of(tenant.status)}},
                  {"created", timestamp_text(tenant.created_at)},
                  {"updated", timestamp_text(tenant.updated_at)}});
}

std::string to_text(const std::vector<engine::TenantRecord>& tenants) {
    std::vector<std::vector<std::string>> rows{{"ID", "NAME", "STATUS", "CREATED"}};
    for (const auto& tenant : tenants) {
        rows.push_back({tenant.id.text(), tenant.name, std::string{engine::name_of(tenant.status)},
                        timestamp_text(tenant.created_at)});
    }
    return table(rows);
}

std::string to_text(const std::vector<engine::MemberRecord>& members) {
    std::vector<std::vector<std::string>> rows{{"USER", "EMAIL", "NAME", "ROLE"}};
    for (const auto& member : members) {
        rows.push_back(
            {member.user.text(), member.email, member.name, std::string{name_of(member.role)}});
    }
    return table(rows);
}

std::string to_text(const std::vector<engine::UserRecord>& users) {
    std::vector<std::vector<std::string>> rows{{"USER", "EMAIL", "NAME", "MEMBER OF"}};
    for (const auto& user : users) {
        std::string tenants;
        for (const auto& [tenant, role] : user.memberships) {
            tenants +=
                fmt::format("{}{} ({})", tenants.empty() ? "" : ", ", tenant.text(), name_of(role));
        }
        rows.push_back({user.id.text(), user.email, user.name, tenants.empty() ? "-" : tenants});
    }
    return table(rows);
}

std::string to_text(const std::vector<engine::ApiKeyRecord>& keys) {
    const auto now = system_clock().now();
    std::vector<std::vector<std::string>> rows{
        {"KEY", "BEGINS", "TENANT", "ROLE", "NAME", "STATE", "EXPIRES", "LAST USED"}};
    for (const auto& key : keys) {
        rows.push_back({key.id.text(), key.prefix,
                        key.owner.tenant ? key.owner.tenant->text() : "-",
                        std::string{services::role_text(key)}, key.name, state_of(key, now),
                        or_dash(key.expires_at), or_dash(key.last_used_at)});
    }
    return table(rows);
}

std::string to_text(const std::vector<engine::AuditRecord>& entries) {
    std::vector<std::vector<std::string>> rows{
        {"AT", "ACTOR", "ACTION", "TENANT", "TARGET", "DETAIL"}};
    for (const auto& entry : entries) {
        rows.push_back({timestamp_text(entry.at), entry.actor, entry.action,
                        entry.tenant.value_or("-"), entry.target.value_or("-"), entry.detail});
    }
    return table(rows);
}

std::string to_text(const std::vector<services::HeldQuota>& quotas) {
    std::vector<std::vector<std::string>> rows{{"QUOTA", "VALUE", "FROM"}};
    for (const auto& quota : quotas) {
        rows.push_back({std::string{quota.name}, services::quota_text(quota.value),
                        quota.own ? "tenant" : "default"});
    }
    return table(rows);
}

}  // namespace tenantry::cli
