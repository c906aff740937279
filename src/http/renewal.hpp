#pragma once
/// The right to act for a tenant, asked for again and again while a long request is under way.

#include "routes.hpp"

#include <optional>
#include <string>

namespace tenantry::http {

/// What a request identified itself with. The token's own time is that of the request: it need not
/// outlive a download that it has begun. What the database says of the principal and the tenant is
/// read each time, so a suspension, a removal or a demotion ends what is under way. Threads: any.
class Renewal {
public:
    explicit Renewal(const Call& call);

    /// The scope now, of the same tenant; `scope` holds up the thread meanwhile. Errors: those of
    /// ScopeIssuer::from_token and of its directory; role_insufficient; shutting_down. Throws:
    /// engine faults.
    Result<TenantScope> scope() const;
    boost::asio::awaitable<Result<TenantScope>> renewed(engine::Deadline deadline) const;

private:
    Result<TenantScope> scope_by(const auth::Findings& findings) const;
    std::optional<std::string_view> selected() const;

    App& app_;
    std::string token_;
    std::optional<std::string> selected_;
    TenantId tenant_;
    Role role_;
    Timestamp at_;
};

}  // namespace tenantry::http
