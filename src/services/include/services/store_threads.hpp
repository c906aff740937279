#pragma once
/// Threads for stores of records, which block.

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
#include <string_view>
#include <utility>
#include <vector>

namespace tenantry::services {

/// Of calls that wait for threads or are at work on them.
class CallCount {
public:
    explicit CallCount(std::size_t calls_max) : calls_max_{calls_max} {}
    /// Errors: overloaded if there are too many. Otherwise `leave` must follow.
    Result<void> admit();
    void leave() noexcept { --calls_; }
    /// Errors: deadline_exceeded if `until` has passed.
    static Result<void> in_time(engine::Deadline until);

private:
    const std::size_t calls_max_;
    std::atomic<std::size_t> calls_ = 0;
};

/// Runs work on stores, each of which takes one thread at a time.
/// Threads: any; each call resumes on the caller's executor. Destroying it finishes what was
/// accepted; nobody may be waiting in a call.
template <class Store>
class StoreThreads {
public:
    using Handle = std::unique_ptr<Store>;
    using Open = std::function<Result<Handle>()>;

    /// `open` is called when a store is first needed, and for each thread. More than `calls_max`
    /// calls at once are `overloaded`.
    StoreThreads(Open open, std::size_t threads, std::size_t calls_max)
        : open_{std::move(open)}, calls_{calls_max}, threads_{threads} {}
    ~StoreThreads() { threads_.join(); }
    StoreThreads(const StoreThreads&) = delete;
    StoreThreads& operator=(const StoreThreads&) = delete;

    /// Runs `work`, a function from `Store&` to `Result<T>`. In a coroutine, give a closure a name
    /// first: GCC 12 destroys one twice that is made within a co_await expression.
    /// Errors: overloaded, deadline_exceeded (before it has begun, never after), those of opening
    ///         and of `work`. Throws: what `work` throws.
    template <class Work>
    auto run(engine::Deadline deadline, Work work)
        -> boost::asio::awaitable<decltype(work(std::declval<Store&>()))> {
        using Outcome = decltype(work(std::declval<Store&>()));
        return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>,
                                           void(std::exception_ptr, Outcome)>(
            [this](auto handler, engine::Deadline until, Work own) {
                this->template start<Outcome>(std::move(handler), until, std::move(own));
            },
            boost::asio::use_awaitable, deadline, std::move(work));
    }

    /// Runs `work`, a function from `Store&` to `Result<void>`, some time, for nobody who waits.
    /// `lost` is told, as a text, why there was no store, or what `work` answered or threw.
    /// Errors: overloaded.
    template <class Work, class Lost>
    Result<void> post(Work work, Lost lost) {
        TENANTRY_TRY_VOID(calls_.admit());
        boost::asio::post(
            threads_, [this, work = std::move(work), lost = std::move(lost)]() mutable {
                try {
                    const auto done = perform<Result<void>>(engine::Deadline::max(), work);
                    if (!done) lost(std::string_view{done.error().message});
                } catch (const std::exception& fault) {
                    lost(std::string_view{fault.what()});
                }
                calls_.leave();
            });
        return {};
    }

private:
    template <class Outcome, class Handler, class Work>
    void start(Handler handler, engine::Deadline until, Work work) {
        auto executor = boost::asio::get_associated_executor(handler);
        auto resume =
            boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked);
        const auto admitted = calls_.admit();
        auto job = [this, admitted, until, work = std::move(work), handler = std::move(handler),
                    resume]() mutable {
            std::exception_ptr fault;
            std::optional<Outcome> outcome;
            if (!admitted) {
                outcome.emplace(admitted.error());
            } else {
                try {
                    outcome.emplace(perform<Outcome>(until, work));
                } catch (...) {
                    fault = std::current_exception();
                    outcome.emplace(fail(Errc::storage_unusable, "the work threw"));
                }
                calls_.leave();
            }
            boost::asio::post(resume, [handler = std::move(handler), fault,
                                       outcome = std::move(*outcome)]() mutable {
                std::move(handler)(fault, std::move(outcome));
            });
        };
        if (admitted) {
            boost::asio::post(threads_, std::move(job));
        } else {
            job();
        }
    }

    template <class Outcome, class Work>
    Outcome perform(engine::Deadline until, Work& work) {
        TENANTRY_TRY_VOID(CallCount::in_time(until));
        TENANTRY_TRY(store, take());
        auto outcome = work(*store);
        // Not given back if `work` throws: a store in doubt is closed.
        give_back(std::move(store));
        return outcome;
    }

    Result<Handle> take() {
        {
            const std::lock_guard lock{mutex_};
            if (!idle_.empty()) {
                auto store = std::move(idle_.back());
                idle_.pop_back();
                return store;
            }
        }
        return open_();
    }

    void give_back(Handle store) {
        const std::lock_guard lock{mutex_};
        idle_.push_back(std::move(store));
    }

    Open open_;
    CallCount calls_;
    std::mutex mutex_;
    std::vector<Handle> idle_;
    boost::asio::thread_pool threads_;
};

}  // namespace tenantry::services
