#pragma once
/// What operators do to the platform while the server runs.

#include "auth/operator_scope.hpp"
#include "engine/control_store.hpp"
#include "engine/executor.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace tenantry::services {

/// Runs work on control stores, which block, on threads of its own. Whoever asks shows an
/// OperatorScope, and the audit log names its principal.
///
/// Threads: any; each call resumes on the caller's executor. Destroying it finishes what was
/// accepted; nobody may be waiting in a call.
class Administration {
public:
    using Open = std::function<Result<std::unique_ptr<engine::ControlStore>>()>;
    /// Calls that may wait or be at work at once, before `overloaded`.
    static constexpr std::size_t calls_max = 64;

    /// `open` is called when a store is first needed, and for each thread.
    explicit Administration(Open open);
    ~Administration();
    Administration(const Administration&) = delete;
    Administration& operator=(const Administration&) = delete;

    /// Runs `work`, a function from `engine::ControlStore&` to `Result<T>`. In a coroutine, give a
    /// closure a name first: GCC 12 destroys one twice that is made within a co_await expression.
    /// Errors: overloaded, deadline_exceeded (before it has begun, never after), those of opening
    ///         and of `work`. Throws: what `work` throws.
    template <class Work>
    auto run(const auth::OperatorScope& scope, engine::Deadline deadline, Work work)
        -> boost::asio::awaitable<decltype(work(std::declval<engine::ControlStore&>()))> {
        using Outcome = decltype(work(std::declval<engine::ControlStore&>()));
        return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>,
                                           void(std::exception_ptr, Outcome)>(
            [this](auto handler, std::string actor, engine::Deadline until, Work own) {
                this->template start<Outcome>(std::move(handler), std::move(actor), until,
                                              std::move(own));
            },
            boost::asio::use_awaitable, scope.principal(), deadline, std::move(work));
    }

private:
    using Store = std::unique_ptr<engine::ControlStore>;

    template <class Outcome, class Handler, class Work>
    void start(Handler handler, std::string actor, engine::Deadline until, Work work) {
        auto executor = boost::asio::get_associated_executor(handler);
        auto resume =
            boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked);
        const auto refused = admit();
        auto job = [this, refused, actor = std::move(actor), until, work = std::move(work),
                    handler = std::move(handler), resume]() mutable {
            std::exception_ptr fault;
            std::optional<Outcome> outcome;
            if (refused) {
                outcome.emplace(*refused);
            } else {
                try {
                    outcome.emplace(perform<Outcome>(std::move(actor), until, work));
                } catch (...) {
                    fault = std::current_exception();
                    outcome.emplace(fail(Errc::storage_unusable, "the work threw"));
                }
                leave();
            }
            boost::asio::post(resume, [handler = std::move(handler), fault,
                                       outcome = std::move(*outcome)]() mutable {
                std::move(handler)(fault, std::move(outcome));
            });
        };
        if (refused) {
            job();
        } else {
            boost::asio::post(threads_, std::move(job));
        }
    }

    template <class Outcome, class Work>
    Outcome perform(std::string actor, engine::Deadline until, Work& work) {
        if (std::chrono::steady_clock::now() >= until) return too_late();
        TENANTRY_TRY(store, take());
        store->act_as(std::move(actor));
        auto outcome = work(*store);
        // Not given back if `work` throws: a store in doubt is closed.
        give_back(std::move(store));
        return outcome;
    }

    /// An error if too many calls are under way; otherwise `leave` must follow.
    std::optional<Error> admit();
    void leave() noexcept { --calls_; }
    static Error too_late();
    Result<Store> take();
    void give_back(Store store);

    Open open_;
    std::atomic<std::size_t> calls_ = 0;
    std::mutex mutex_;
    std::vector<Store> idle_;
    boost::asio::thread_pool threads_;
};

}  // namespace tenantry::services
