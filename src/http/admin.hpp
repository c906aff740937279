#pragma once
/// The handlers of `/admin/v1`, one function a route; operator_routes.cpp puts them in its table.

#include "operator_routes.hpp"

namespace tenantry::http::admin {

using Answer = boost::asio::awaitable<Result<Response>>;

Answer list_tenants(const OperatorCall& call);
Answer create_tenant(const OperatorCall& call);
Answer read_tenant(const OperatorCall& call);
Answer change_tenant(const OperatorCall& call);
/// Deletes the tenant with all that is its own. Who asks waits as long as a request may take.
Answer delete_tenant(const OperatorCall& call);
/// What a deletion left behind.
Answer read_receipt(const OperatorCall& call);

Answer read_quotas(const OperatorCall& call);
Answer change_quotas(const OperatorCall& call);

Answer list_members(const OperatorCall& call);
Answer add_member(const OperatorCall& call);
Answer change_member(const OperatorCall& call);
Answer remove_member(const OperatorCall& call);
Answer list_users(const OperatorCall& call);

Answer list_tenant_keys(const OperatorCall& call);
Answer create_tenant_key(const OperatorCall& call);
Answer revoke_tenant_key(const OperatorCall& call);
Answer list_operator_keys(const OperatorCall& call);
Answer create_operator_key(const OperatorCall& call);
Answer revoke_operator_key(const OperatorCall& call);

Answer list_audit(const OperatorCall& call);

}  // namespace tenantry::http::admin
