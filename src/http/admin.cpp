#include "admin.hpp"

#include "admin_body.hpp"
#include "admin_render.hpp"
#include "base/text.hpp"
#include "render.hpp"
#include "services/display_name.hpp"

#include <fmt/format.h>

#include <charconv>

namespace tenantry::http::admin {
namespace {

using engine::ControlStore;

Result<std::string> parse_address(std::string_view text) {
    if (!is_email(text)) return fail(Errc::bad_value, "this is no e-mail address");
    return std::string{text};
}

/// Only these two: deleting has a way of its own, which asks twice.
Result<auth::TenantStatus> parse_status(std::string_view text) {
    for (const auto status : {auth::TenantStatus::active, auth::TenantStatus::suspended}) {
        if (text == engine::name_of(status)) return status;
    }
    return fail(Errc::bad_value, "is not one of active, suspended");
}

Result<std::int64_t> parse_seq(std::string_view text) {
    std::int64_t seq = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, seq);
    if (error != std::errc{} || stopped != end || seq < 1)
        return fail(Errc::bad_value, "before is not the number of an entry", "before");
    return seq;
}

Result<engine::AuditCriteria> parse_audit_criteria(const Target& target) {
    engine::AuditCriteria criteria;
    TENANTRY_TRY(limit, page_size(target));
    criteria.limit = limit + 1;
    if (const auto* text = target.find("tenant")) {
        auto tenant = TenantId::parse(*text);
        if (!tenant) return fail(Errc::bad_id, "tenant is not a tenant id", "tenant");
        criteria.tenant = std::move(*tenant);
    }
    if (const auto* text = target.find("before")) {
        TENANTRY_TRY(before, parse_seq(*text));
        criteria.before = before;
    }
    return criteria;
}

using engine::TenantChanges;

Result<TenantChanges> parse_changes(const Request& request) {
    TENANTRY_TRY(body, AdminBody::parse(request, {"name", "status"}));
    TENANTRY_TRY(name, body.optional("name", services::parse_display_name));
    TENANTRY_TRY(status, body.optional("status", parse_status));
    if (!name && !status)
        return fail(Errc::missing_field, "the body changes nothing; name at least one field");
    return TenantChanges{std::move(name), status};
}

}  // namespace

Answer list_tenants(const OperatorCall& call) {
    auto range = parse_range(call.target);
    if (!range) co_return range.error();
    auto work = [range = *range](ControlStore& store) { return store.tenants(range); };
    auto tenants = co_await call.administration.run(call.scope, call.deadline, std::move(work));
    if (!tenants) co_return tenants.error();
    co_return list_of("tenants", *tenants, range->limit,
                      [](const engine::TenantRecord& last) { return last.id.text(); });
}

Answer create_tenant(const OperatorCall& call) {
    auto body = AdminBody::parse(call.request, {"id", "name"});
    if (!body) co_return body.error();
    auto id = body->required("id", TenantId::parse);
    if (!id) co_return id.error();
    auto name = body->optional("name", services::parse_display_name);
    if (!name) co_return name.error();
    auto work = [id = *id, name = name->value_or(id->text())](ControlStore& store) {
        return store.create_tenant(id, name);
    };
    auto made = co_await call.administration.run(call.scope, call.deadline, std::move(work));
    if (!made) co_return made.error();
    co_return created(services::to_json(*made), "/admin/v1/tenants/" + made->id.text());
}

Answer read_tenant(const OperatorCall& call) {
    auto id = path_tenant(call);
    if (!id) co_return id.error();
    auto work = [id = *id](ControlStore& store) { return store.tenant(id); };
    auto tenant = co_await call.administration.run(call.scope, call.deadline, std::move(work));
    if (!tenant) co_return tenant.error();
    co_return object(services::to_json(*tenant));
}

Answer change_tenant(const OperatorCall& call) {
    auto id = path_tenant(call);
    if (!id) co_return id.error();
    auto changes = parse_changes(call.request);
    if (!changes) co_return changes.error();
    auto work = [id = *id, changes = *changes](ControlStore& store) {
        return store.change_tenant(id, changes);
    };
    auto tenant = co_await call.administration.run(call.scope, call.deadline, std::move(work));
    if (!tenant) co_return tenant.error();
    co_return object(services::to_json(*tenant));
}

Answer list_members(const OperatorCall& call) {
    auto id = path_tenant(call);
    if (!id) co_return id.error();
    auto range = parse_range(call.target);
    if (!range) co_return range.error();
    auto work = [id = *id, range = *range](ControlStore& store) {
        return store.members(id, range);
    };
    auto members = co_await call.administration.run(call.scope, call.deadline, std::move(work));
    if (!members) co_return members.error();
    co_return list_of("members", *members, range->limit,
                      [](const engine::MemberRecord& last) { return last.email; });
}

Answer add_member(const OperatorCall& call) {
    auto id = path_tenant(call);
    if (!id) co_return id.error();
    auto body = AdminBody::parse(call.request, {"email", "name", "role"});
    if (!body) co_return body.error();
    auto email = body->required("email", parse_address);
    if (!email) co_return email.error();
    auto name = body->optional("name", services::parse_display_name);
    if (!name) co_return name.error();
    auto role = body->required("role", parse_role);
    if (!role) co_return role.error();
    auto work = [id = *id, email = *email, name = name->value_or(""), role = *role](
                    ControlStore& store) { return store.create_member(id, email, name, role); };
    auto member = co_await call.administration.run(call.scope, call.deadline, std::move(work));
    if (!member) co_return member.error();
    co_return created(services::to_json(*member), fmt::format("/admin/v1/tenants/{}/members/{}",
                                                              id->text(), member->user.text()));
}

Answer change_member(const OperatorCall& call) {
    auto id = path_tenant(call);
    if (!id) co_return id.error();
    auto body = AdminBody::parse(call.request, {"role"});
    if (!body) co_return body.error();
    auto role = body->required("role", parse_role);
    if (!role) co_return role.error();
    auto work = [id = *id, user = std::string{call.ids[1]}, role = *role](ControlStore& store) {
        return store.set_member_role(id, user, role);
    };
    auto member = co_await call.administration.run(call.scope, call.deadline, std::move(work));
    if (!member) co_return member.error();
    co_return object(services::to_json(*member));
}

Answer remove_member(const OperatorCall& call) {
    auto id = path_tenant(call);
    if (!id) co_return id.error();
    auto work = [id = *id, user = std::string{call.ids[1]}](ControlStore& store) {
        return store.remove_member(id, user);
    };
    auto member = co_await call.administration.run(call.scope, call.deadline, std::move(work));
    if (!member) co_return member.error();
    co_return nothing();
}

Answer list_users(const OperatorCall& call) {
    auto range = parse_range(call.target);
    if (!range) co_return range.error();
    auto work = [range = *range](ControlStore& store) { return store.users(range); };
    auto users = co_await call.administration.run(call.scope, call.deadline, std::move(work));
    if (!users) co_return users.error();
    co_return list_of("users", *users, range->limit,
                      [](const engine::UserRecord& last) { return last.email; });
}

Answer list_audit(const OperatorCall& call) {
    auto criteria = parse_audit_criteria(call.target);
    if (!criteria) co_return criteria.error();
    auto work = [criteria = *criteria](ControlStore& store) { return store.audit(criteria); };
    auto entries = co_await call.administration.run(call.scope, call.deadline, std::move(work));
    if (!entries) co_return entries.error();
    co_return list_of("entries", *entries, criteria->limit,
                      [](const engine::AuditRecord& last) { return std::to_string(last.seq); });
}

}  // namespace tenantry::http::admin
