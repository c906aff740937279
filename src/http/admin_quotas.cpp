#include "admin.hpp"
#include "admin_render.hpp"
#include "body.hpp"
#include "services/tenant_quotas.hpp"

namespace tenantry::http::admin {
namespace {

Response shown(const TenantId& id, std::string_view settings, const services::Quotas& defaults) {
    return object({{"id", id.text()},
                   {"quotas", services::to_json(services::held_quotas(settings, defaults))}});
}

Result<services::QuotaChanges> parse_changes(const Request& request) {
    TENANTRY_TRY(json, parse_object(request.body));
    return services::parse_quota_changes(json.as_object());
}

}  // namespace

Answer read_quotas(const OperatorCall& call) {
    auto id = path_tenant(call);
    if (!id) co_return id.error();
    auto work = [id = *id](engine::ControlStore& store) { return store.tenant_settings(id); };
    auto settings = co_await call.administration.run(call.scope, call.deadline, std::move(work));
    if (!settings) co_return settings.error();
    co_return shown(*id, *settings, call.default_quotas);
}

Answer change_quotas(const OperatorCall& call) {
    auto id = path_tenant(call);
    if (!id) co_return id.error();
    auto changes = parse_changes(call.request);
    if (!changes) co_return changes.error();
    auto work = [id = *id, changes = *changes](engine::ControlStore& store) {
        return services::set_quotas(store, id, changes);
    };
    auto settings = co_await call.administration.run(call.scope, call.deadline, std::move(work));
    if (!settings) co_return settings.error();
    co_return shown(*id, *settings, call.default_quotas);
}

}  // namespace tenantry::http::admin
