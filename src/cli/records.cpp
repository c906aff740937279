#include "cli/records.hpp"

#include "cli/output.hpp"

namespace tenantry::cli {

std::string timestamp_text(Timestamp value) {
    std::string text;
    append_timestamp(text, value);
    return text;
}

boost::json::object to_json(const engine::TenantRecord& tenant) {
    return {{"id", tenant.id.text()},
            {"name", tenant.name},
            {"status", engine::name_of(tenant.status)},
            {"created_at", timestamp_text(tenant.created_at)},
            {"updated_at", timestamp_text(tenant.updated_at)}};
}

boost::json::object to_json(const engine::MemberRecord& member) {
    return {{"id", member.user.text()},
            {"email", member.email},
            {"name", member.name},
            {"tenant", member.tenant.text()},
            {"role", name_of(member.role)}};
}

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

}  // namespace tenantry::cli
