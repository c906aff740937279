#pragma once
/// Lets go of changes that need not be kept any longer, now and then, on a thread of its own.

#include "auth/scope_issuer.hpp"
#include "base/timestamp.hpp"
#include "engine/executor.hpp"
#include "feed/retention.hpp"
#include "periodic.hpp"
#include "server/log.hpp"
#include "services/administration.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>

namespace tenantry::server {

/// What fails is logged and tried again at the next time. Threads: one at a time, besides its own.
/// Everything passed must outlive it.
class ChangeTrimmer {
public:
    ChangeTrimmer(engine::Executor& executor, const auth::ScopeIssuer& issuer,
                  const feed::Retention& retention, std::chrono::milliseconds interval,
                  services::Administration::Open open, const Clock& clock, Log& log);
    ChangeTrimmer(const ChangeTrimmer&) = delete;
    ChangeTrimmer& operator=(const ChangeTrimmer&) = delete;

    /// Waits for the tenant that it is at. Again, it does nothing.
    void stop() { periodic_.stop(); }

private:
    void work() noexcept;
    void trim_all();
    Result<void> trim(const TenantId& tenant);

    engine::Executor& executor_;
    const auth::ScopeIssuer& issuer_;
    const feed::Retention retention_;
    services::Administration::Open open_;
    const Clock& clock_;
    Log& log_;
    /// Not one for each use: who has posted an answer may still be about to wake it.
    boost::asio::io_context context_;
    Periodic periodic_;  // last: it uses the others
};

}  // namespace tenantry::server
