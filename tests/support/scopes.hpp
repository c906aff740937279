#pragma once
/// Scopes for tests, through the same door as everybody's: a signed token.

#include "base/tenant_scope.hpp"

#include <string_view>

namespace tenantry::support {

/// A scope of `tenant`, which is taken to be active, for a subject that its token alone vouches
/// for.
TenantScope scope_of(const TenantId& tenant, Role role = Role::operator_);
/// `tenant` must be a valid id.
TenantScope scope_of(std::string_view tenant, Role role = Role::operator_);

}  // namespace tenantry::support
