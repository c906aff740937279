#include "services/removals.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace tenantry::services {
namespace {

namespace asio = boost::asio;

std::string words_of(const std::exception_ptr& fault) {
    try {
        std::rethrow_exception(fault);
    } catch (const std::exception& thrown) {
        return thrown.what();
    } catch (...) {
        return "an exception of an unknown type";
    }
}

}  // namespace

Removals::Removals(engine::Executor& executor, const auth::ScopeIssuer& issuer, Open open,
                   Catalog catalog, Failed failed)
    : executor_{executor},
      issuer_{issuer},
      open_{std::move(open)},
      catalog_{std::move(catalog)},
      failed_{std::move(failed)} {}

Removals::~Removals() {
    stop();
    pool_.join();
}

asio::awaitable<Result<RemovalProgress>> Removals::remove(auth::OperatorScope scope,
                                                          TenantId tenant,
                                                          engine::Deadline deadline) {
    // The end of the deletion cancels it, by way of this executor: so never before the wait.
    const auto executor = co_await asio::this_coro::executor;
    const auto timer = std::make_shared<asio::steady_timer>(executor, deadline);
    auto job = join(tenant, scope.principal(), timer);
    if (!job) co_return job.error();
    co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
    co_return leave(**job, timer);
}

auto Removals::join(const TenantId& tenant, const std::string& actor, const Timer& timer)
    -> Result<std::shared_ptr<Job>> {
    const std::lock_guard lock{mutex_};
    if (stopping_) return fail(Errc::shutting_down, "the server is shutting down");
    if (const auto found = under_way_.find(tenant.text()); found != under_way_.end()) {
        found->second->waiting.push_back(timer);
        return found->second;
    }
    if (under_way_.size() >= under_way_max)
        return fail(Errc::overloaded, "too many tenants are being deleted; try again later");
    auto job = start(tenant, actor);
    job->waiting.push_back(timer);
    return job;
}

/// With the jobs locked.
auto Removals::start(const TenantId& tenant, const std::string& actor) -> std::shared_ptr<Job> {
    auto job = std::make_shared<Job>();
    under_way_.emplace(tenant.text(), job);
    asio::co_spawn(pool_, run(job, tenant, actor), [this, job, tenant](std::exception_ptr fault) {
        finish(tenant, *job, std::move(fault));
    });
    return job;
}

Result<std::size_t> Removals::resume() {
    TENANTRY_TRY(store, open_());
    TENANTRY_TRY(unfinished, store->unfinished_removals());
    std::size_t resumed = 0;
    const std::lock_guard lock{mutex_};
    for (const auto& [tenant, actor] : unfinished) {
        if (!actor.starts_with("key:") || under_way_.contains(tenant.text())) continue;
        start(tenant, actor);
        ++resumed;
    }
    return resumed;
}

asio::awaitable<void> Removals::run(std::shared_ptr<Job> job, TenantId tenant, std::string actor) {
    auto outcome = co_await perform(*job, std::move(tenant), std::move(actor));
    const std::lock_guard lock{mutex_};
    job->outcome.emplace(std::move(outcome));
}

asio::awaitable<Result<RemovalReceipt>> Removals::perform(Job& job, TenantId tenant,
                                                          std::string actor) {
    auto store = open_();
    if (!store) co_return store.error();
    const auto begun = (*store)->begin_removal(tenant, actor);
    if (!begun) co_return begun.error();
    {
        const std::lock_guard lock{mutex_};
        job.number = begun->receipt;
    }
    const auto catalog = catalog_();
    const RemovalTools tools{executor_, **store, issuer_, *catalog, &stopping_};
    co_return co_await remove_tenant(tools, std::move(tenant), std::move(actor));
}

void Removals::finish(const TenantId& tenant, Job& job, std::exception_ptr fault) {
    std::string why;
    {
        const std::lock_guard lock{mutex_};
        under_way_.erase(tenant.text());
        if (fault) {
            why = words_of(fault);
        } else if (!*job.outcome) {
            why = job.outcome->error().message;
        }
        job.fault = std::move(fault);
        // Who has had enough of waiting takes its timer out under the same lock.
        for (const auto& timer : job.waiting)
            asio::post(timer->get_executor(), [timer] { timer->cancel(); });
        if (!job.waiting.empty()) why.clear();
    }
    if (!why.empty()) failed_(tenant, why);
}

Result<RemovalProgress> Removals::leave(Job& job, const Timer& timer) {
    const std::lock_guard lock{mutex_};
    std::erase(job.waiting, timer);
    if (job.fault) std::rethrow_exception(job.fault);
    if (job.outcome) {
        if (!*job.outcome) return job.outcome->error();
        return RemovalProgress{job.number, job.outcome->value()};
    }
    if (job.number.empty()) {
        return fail(Errc::deadline_exceeded,
                    "the deletion has not begun within the request's deadline; ask again");
    }
    return RemovalProgress{job.number, std::nullopt};
}

}  // namespace tenantry::services
