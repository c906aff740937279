#include "admin.hpp"
#include "admin_body.hpp"
#include "admin_render.hpp"

#include <boost/json/parse.hpp>

namespace tenantry::http::admin {
namespace {

/// The id once more, as the command line asks for it.
Result<void> check_confirmed(const Request& request, const TenantId& id) {
    TENANTRY_TRY(body, AdminBody::parse(request, {"confirm"}));
    TENANTRY_TRY(confirmed, body.required("confirm", TenantId::parse));
    if (confirmed == id) return {};
    return fail(Errc::bad_value, "confirm must be the id of the tenant", "confirm");
}

Response under_way(const TenantId& id, const std::string& number) {
    auto response =
        object({{"id", id.text()}, {"status", "deleting"}, {"receipt", number}}, Status::accepted);
    add_header(response, "location", "/admin/v1/receipts/" + number);
    return response;
}

/// What the audit log kept. Whose it was, nobody knows any more.
boost::json::object receipt_of(const engine::AuditRecord& entry, std::string_view number) {
    boost::json::object json{
        {"receipt", number}, {"at", services::timestamp_text(entry.at)}, {"actor", entry.actor}};
    const auto detail = boost::json::parse(entry.detail);
    for (const auto& [name, value] : detail.as_object()) json[name] = value;
    return json;
}

}  // namespace

Answer delete_tenant(const OperatorCall& call) {
    auto id = path_tenant(call);
    if (!id) co_return id.error();
    auto confirmed = check_confirmed(call.request, *id);
    if (!confirmed) co_return confirmed.error();
    // That it begins, and who says so, is in the log even if it is never brought to its end.
    auto begin = [id = *id](engine::ControlStore& store) {
        return store.change_tenant(id, {.status = auth::TenantStatus::deleting});
    };
    auto begun = co_await call.administration.run(call.scope, call.deadline, std::move(begin));
    if (!begun) co_return begun.error();
    auto progress = co_await call.removals.remove(call.scope, *id, call.deadline);
    if (!progress) co_return progress.error();
    if (!progress->receipt) co_return under_way(*id, progress->number);
    co_return object(services::to_json(*progress->receipt));
}

Answer read_receipt(const OperatorCall& call) {
    const std::string number{call.ids.front()};
    if (!parse_uuid(number)) co_return fail(Errc::bad_id, "this is no receipt's number", "receipt");
    auto work = [number](engine::ControlStore& store) { return store.receipt(number); };
    auto entry = co_await call.administration.run(call.scope, call.deadline, std::move(work));
    if (!entry) co_return entry.error();
    co_return object(receipt_of(*entry, number));
}

}  // namespace tenantry::http::admin
