#include "row_handlers.hpp"
#include "services/icp_templates.hpp"

namespace tenantry::http::icp_profiles {

using Manager = services::UnifiedDatabaseManager;

Answer list(const Call& call) {
    return list_rows<&Manager::list_icp_profiles>(call, "icp_profiles");
}
Answer create(const Call& call) {
    return create_row<services::NewIcpProfile, &Manager::create_icp_profile>(call,
                                                                             "/api/icp-profiles/");
}
Answer read(const Call& call) { return read_row<IcpProfileId, &Manager::get_icp_profile>(call); }
Answer replace(const Call& call) {
    return write_row<IcpProfileId, services::IcpProfileReplacement, &Manager::replace_icp_profile>(
        call);
}
Answer change(const Call& call) {
    return write_row<IcpProfileId, services::IcpProfileChanges, &Manager::update_icp_profile>(call);
}
Answer remove(const Call& call) {
    return remove_row<IcpProfileId, &Manager::delete_icp_profile>(call);
}

Answer list_templates(const Call&) {
    Response response;
    response.body = services::icp_templates_json();
    co_return response;
}

Answer clone(const Call& call) {
    auto id = parse_path_id<IcpProfileId>(call.id);
    if (!id) co_return id.error();
    auto name = parse_only_text(call.request, "name");
    if (!name) co_return name.error();
    if (!*name) co_return fail(Errc::missing_field, "name is required", "name");
    auto key = idempotency_key(call.request);
    if (!key) co_return key.error();
    auto row = co_await call.app.manager.clone_icp_profile(*id, std::move(**name), call.scope,
                                                           call.deadline, std::move(*key));
    if (!row) co_return row.error();
    co_return created_row(*row, "/api/icp-profiles/");
}

}  // namespace tenantry::http::icp_profiles
