#pragma once
/// The right to act for a tenant, asked for again and again while a long request is under way.

#include "routes.hpp"

#include <optional>
#include <string>

namespace tenantry::http {

/// What a request identified itself with. What the database says of the principal and the tenant is
/// read each time, so a suspension, a removal or a demotion ends what is under way. Threads: any.
class Renewal {
public:
    enum class Token {
        of_the_request,  // it need not outlive a download that it has begun
        of_each_time,    // what it began goes on no longer than it holds
    };
    explicit Renewal(const Call& call, Token token = Token::of_the_request);

    /// The scope now, of the same tenant; `scope` holds up the thread meanwhile. Errors: those of
    /// ScopeIssuer::from_token and of its directory; role_insufficient; shutting_down. Throws:
    /// engine faults.
    Result<TenantScope> scope() const;
    boost::asio::awaitable<Result<TenantScope>> renewed(engine::Deadline deadline) const;
    /// The same by what is remembered, which may be too little: standing_unknown.
    Result<TenantScope> remembered() const { return scope_by({}); }

private:
    Result<TenantScope> scope_by(const auth::Findings& findings) const;
    std::optional<std::string_view> selected() const;
    Timestamp at() const { return at_ ? *at_ : app_.clock.now(); }

    App& app_;
    std::string token_;
    std::optional<std::string> selected_;
    TenantId tenant_;
    Role role_;
    std::optional<Timestamp> at_{};  // when the token has to hold; nullopt: now
};

}  // namespace tenantry::http
