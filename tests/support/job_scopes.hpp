#pragma once
/// The scope of a job, time and again, for what follows a feed.

#include "auth/scope_issuer.hpp"
#include "feed/feed.hpp"

#include <string_view>
#include <utility>

namespace tenantry::support {

class JobScopes final : public feed::ScopeSource {
public:
    /// `tenant` must be a valid id. What the issuer is made of must outlive it.
    JobScopes(auth::ScopeIssuer issuer, std::string_view tenant)
        : issuer_{std::move(issuer)}, tenant_{TenantId::parse(tenant).value()} {}
    boost::asio::awaitable<Result<TenantScope>> scope(engine::Deadline deadline) override {
        return issuer_.learn_job(tenant_, "test", deadline);
    }

private:
    auth::ScopeIssuer issuer_;
    TenantId tenant_;
};

}  // namespace tenantry::support
