#include "services/records_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

namespace tenantry::services {
namespace {

namespace json = boost::json;

json::value time_or_null(const std::optional<Timestamp>& time) {
    if (!time) return nullptr;
    return json::value(timestamp_text(*time));
}

json::value text_or_null(const std::optional<std::string>& text) {
    if (!text) return nullptr;
    return json::value(*text);
}

}  // namespace

std::string timestamp_text(Timestamp value) {
    std::string text;
    append_timestamp(text, value);
    return text;
}

std::string_view role_text(const engine::ApiKeyRecord& key) noexcept {
    if (key.prefix.starts_with("sb_publishable_")) return "publishable";
    return key.role ? name_of(*key.role) : "platform";
}

json::object to_json(const engine::TenantRecord& tenant) {
    return {{"id", tenant.id.text()},
            {"name", tenant.name},
            {"status", engine::name_of(tenant.status)},
            {"created_at", timestamp_text(tenant.created_at)},
            {"updated_at", timestamp_text(tenant.updated_at)}};
}

json::object to_json(const engine::MemberRecord& member) {
    return {{"id", member.user.text()},
            {"email", member.email},
            {"name", member.name},
            {"tenant", member.tenant.text()},
            {"role", name_of(member.role)}};
}

json::object to_json(const engine::UserRecord& user) {
    json::array memberships;
    for (const auto& [tenant, role] : user.memberships)
        memberships.push_back(json::object{{"tenant", tenant.text()}, {"role", name_of(role)}});
    return {{"id", user.id.text()},
            {"email", user.email},
            {"name", user.name},
            {"created_at", timestamp_text(user.created_at)},
            {"memberships", std::move(memberships)}};
}

json::object to_json(const engine::ApiKeyRecord& key) {
    return {{"id", key.id.text()},
            {"tenant", key.owner.tenant ? json::value(key.owner.tenant->text()) : nullptr},
            {"name", key.name},
            {"role", role_text(key)},
            {"prefix", key.prefix},
            {"created_at", timestamp_text(key.created_at)},
            {"created_by", key.created_by},
            {"expires_at", time_or_null(key.expires_at)},
            {"revoked_at", time_or_null(key.revoked_at)},
            {"last_used_at", time_or_null(key.last_used_at)}};
}

json::object to_json(const engine::AuditRecord& record) {
    boost::system::error_code broken;
    auto detail = json::parse(record.detail, broken);
    if (broken) detail = json::object{};
    return {{"seq", record.seq},
            {"at", timestamp_text(record.at)},
            {"actor", record.actor},
            {"action", record.action},
            {"tenant", text_or_null(record.tenant)},
            {"target", text_or_null(record.target)},
            {"detail", std::move(detail)}};
}

}  // namespace tenantry::services
