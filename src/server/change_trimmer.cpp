#include "change_trimmer.hpp"

#include "schema/lead_schema.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <exception>

namespace tenantry::server {
namespace {

constexpr std::chrono::seconds patience{15};

}  // namespace

ChangeTrimmer::ChangeTrimmer(engine::Executor& executor, const auth::ScopeIssuer& issuer,
                             const feed::Retention& retention, std::chrono::milliseconds interval,
                             services::Administration::Open open, const Clock& clock, Log& log)
    : executor_{executor},
      issuer_{issuer},
      retention_{retention},
      open_{std::move(open)},
      clock_{clock},
      log_{log},
      periodic_{interval, [this] { work(); }} {}

void ChangeTrimmer::work() noexcept {
    try {
        trim_all();
    } catch (const std::exception& fault) {
        log_.observe(TrimmingFailed{{}, fault.what()});
    }
}

void ChangeTrimmer::trim_all() {
    const auto store = open_();
    if (!store) return log_.observe(TrimmingFailed{{}, store.error().message});
    for (const auto& tenant : (*store)->list_tenants()) {
        if (periodic_.stopping()) return;
        if (tenant.status != auth::TenantStatus::active) continue;
        const auto trimmed = trim(tenant.id);
        if (!trimmed) log_.observe(TrimmingFailed{tenant.id.text(), trimmed.error().message});
    }
}

Result<void> ChangeTrimmer::trim(const TenantId& tenant) {
    TENANTRY_TRY(scope, issuer_.for_job(tenant, "retention"));
    context_.restart();
    auto done = boost::asio::co_spawn(
        context_,
        feed::trim_changes(executor_, schema::lead_catalog(), std::move(scope), retention_,
                           clock_.now(), patience),
        boost::asio::use_future);
    context_.run();
    TENANTRY_TRY_VOID(done.get());
    return {};
}

}  // namespace tenantry::server
