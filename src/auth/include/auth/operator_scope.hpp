#pragma once
/// Who acts for the whole platform. An `OperatorScope` is the capability that everything on the
/// operators' side of the server asks for; a tenant's scope can't stand in for it, nor it for one.

#include <string>

namespace tenantry::auth {

/// Proof that an operator's key was shown with this request. Never stored beyond it.
class OperatorScope {
public:
    /// `key:<id>`.
    const std::string& principal() const noexcept { return principal_; }

private:
    friend class ScopeIssuer;
    explicit OperatorScope(std::string principal) : principal_{std::move(principal)} {}
    std::string principal_;
};

}  // namespace tenantry::auth
