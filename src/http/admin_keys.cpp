#include "admin.hpp"
#include "admin_body.hpp"
#include "admin_render.hpp"
#include "services/api_keys.hpp"
#include "services/display_name.hpp"

#include <fmt/format.h>

namespace tenantry::http::admin {
namespace {

using engine::ControlStore;
using engine::KeyOwner;

Result<services::KeyWish> parse_key(const Request& request, KeyOwner owner) {
    const bool of_tenant = owner.tenant.has_value();
    TENANTRY_TRY(body, of_tenant ? AdminBody::parse(request, {"name", "role", "kind", "expires_at"})
                                 : AdminBody::parse(request, {"name", "expires_at"}));
    TENANTRY_TRY(name, body.required("name", services::parse_display_name));
    TENANTRY_TRY(expires_at, body.optional("expires_at", parse_timestamp));
    services::KeyWish wish{
        .owner = std::move(owner), .name = std::move(name), .expires_at = expires_at};
    if (of_tenant) {
        TENANTRY_TRY(role, body.optional("role", parse_role));
        TENANTRY_TRY(kind, body.optional("kind", services::parse_key_kind));
        wish.role = role;
        if (kind) wish.kind = *kind;
    }
    return wish;
}

/// The only answer that ever holds a key.
Response shown_once(const services::IssuedKey& issued, std::string_view collection) {
    auto json = services::to_json(issued.record);
    json["key"] = issued.key.text();
    return created(json, fmt::format("{}/{}", collection, issued.record.id.text()));
}

Answer list_keys(const OperatorCall& call, KeyOwner owner) {
    auto range = parse_range(call.target);
    if (!range) co_return range.error();
    auto work = [owner = std::move(owner), range = *range](ControlStore& store) {
        return store.keys(owner, range);
    };
    auto keys = co_await call.administration.run(call.scope, call.deadline, std::move(work));
    if (!keys) co_return keys.error();
    co_return list_of("keys", *keys, range->limit,
                      [](const engine::ApiKeyRecord& last) { return last.id.text(); });
}

Answer create_key(const OperatorCall& call, KeyOwner owner, std::string collection) {
    auto wanted = parse_key(call.request, std::move(owner));
    if (!wanted) co_return wanted.error();
    auto work = [wish = std::move(*wanted)](ControlStore& store) {
        return services::issue_key(store, wish);
    };
    auto issued = co_await call.administration.run(call.scope, call.deadline, std::move(work));
    if (!issued) co_return issued.error();
    co_return shown_once(*issued, collection);
}

Answer revoke_key(const OperatorCall& call, KeyOwner owner, std::string_view id) {
    const auto key = auth::ApiKeyId::parse(id);
    if (!key) co_return fail(Errc::bad_id, "the id of the key in the path is not a UUID", "key");
    auto work = [owner = std::move(owner), key = *key](ControlStore& store) {
        return store.revoke_key(key, owner);
    };
    auto revoked = co_await call.administration.run(call.scope, call.deadline, std::move(work));
    if (!revoked) co_return revoked.error();
    co_return object(services::to_json(*revoked));
}

}  // namespace

Answer list_tenant_keys(const OperatorCall& call) {
    auto id = path_tenant(call);
    if (!id) co_return id.error();
    KeyOwner owner{*id};
    co_return co_await list_keys(call, std::move(owner));
}

Answer create_tenant_key(const OperatorCall& call) {
    auto id = path_tenant(call);
    if (!id) co_return id.error();
    KeyOwner owner{*id};
    auto collection = fmt::format("/admin/v1/tenants/{}/keys", id->text());
    co_return co_await create_key(call, std::move(owner), std::move(collection));
}

Answer revoke_tenant_key(const OperatorCall& call) {
    auto id = path_tenant(call);
    if (!id) co_return id.error();
    KeyOwner owner{*id};
    co_return co_await revoke_key(call, std::move(owner), call.ids[1]);
}

Answer list_operator_keys(const OperatorCall& call) { return list_keys(call, {}); }

Answer create_operator_key(const OperatorCall& call) {
    return create_key(call, {}, "/admin/v1/keys");
}

Answer revoke_operator_key(const OperatorCall& call) { return revoke_key(call, {}, call.ids[0]); }

}  // namespace tenantry::http::admin
