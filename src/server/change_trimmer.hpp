#pragma once
/// Lets go of changes that need not be kept any longer, now and then, on a thread of its own.

#include "auth/scope_issuer.hpp"
#include "base/timestamp.hpp"
#include "engine/executor.hpp"
#include "feed/retention.hpp"
#include "server/log.hpp"
#include "services/administration.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace tenantry::server {

/// What fails is logged and tried again at the next time. Threads: one at a time, besides its own.
/// Everything passed must outlive it.
class ChangeTrimmer {
public:
    ChangeTrimmer(engine::Executor& executor, const auth::ScopeIssuer& issuer,
                  const feed::Retention& retention, std::chrono::milliseconds interval,
                  services::Administration::Open open, const Clock& clock, Log& log);
    ~ChangeTrimmer();
    ChangeTrimmer(const ChangeTrimmer&) = delete;
    ChangeTrimmer& operator=(const ChangeTrimmer&) = delete;

    /// Waits for the tenant that it is at. Again, it does nothing.
    void stop();

private:
    void run();
    void trim_all();
    Result<void> trim(const TenantId& tenant);
    bool stopping();

    engine::Executor& executor_;
    const auth::ScopeIssuer& issuer_;
    const feed::Retention retention_;
    const std::chrono::milliseconds interval_;
    services::Administration::Open open_;
    const Clock& clock_;
    Log& log_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace tenantry::server
