#include "base/tenant_scope.hpp"

#include <cstdlib>

namespace tenantry {

Result<Role> parse_role(std::string_view text) {
    for (const Role role : {Role::viewer, Role::operator_, Role::admin, Role::owner}) {
        if (text == name_of(role)) return role;
    }
    return fail(Errc::bad_value, "is not one of viewer, operator, admin, owner", "role");
}

std::string_view name_of(Role role) noexcept {
    switch (role) {
    case Role::anon: return "anon";
    case Role::viewer: return "viewer";
    case Role::operator_: return "operator";
    case Role::admin: return "admin";
    case Role::owner: return "owner";
    }
    std::abort();
}

}  // namespace tenantry
