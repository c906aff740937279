#include "webhooks/dispatcher.hpp"

#include "feed/turns.hpp"
#include "http_client.hpp"
#include "webhook_sink.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

namespace tenantry::webhooks {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using consumers::DurableConsumer;

constexpr std::string_view job = "webhooks";
constexpr std::chrono::seconds patience{15};

engine::Deadline soon() { return std::chrono::steady_clock::now() + patience; }

}  // namespace

class Dispatcher::Impl {
public:
    Impl(Tools tools, const Options& options, services::WebhookSender& sender)
        : tools_{std::move(tools)},
          options_{options},
          client_{options.private_addresses, options.timeout},
          turns_{options.at_a_time},
          holder_{tools_.clock.new_id()},
          webhooks_{tools_.executor, tools_.clock, tools_.sealer, tools_.feed, sender},
          work_{context_.get_executor()},
          timer_{context_} {
        start(look_around());
        thread_ = std::thread{[this] { context_.run(); }};
    }

    ~Impl() { stop(); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void stop() {
        if (stopped_.exchange(true)) return;
        asio::post(context_, [this] {
            timer_.cancel();
            for (const auto& [key, task] : tasks_) task->end();
            client_.stop();
            turns_.stop();
        });
        work_.reset();
        thread_.join();
        lister_.join();
    }

    void changed(const TenantId& tenant) {
        if (!stopped_) start(refresh(tenant, true));
    }

    Statistics statistics() const {
        Statistics out{counts_.delivered, counts_.failed, counts_.buried};
        const auto now = tools_.clock.now();
        const std::lock_guard lock{mutex_};
        out.webhooks = tasks_.size();
        for (const auto& [key, task] : tasks_) {
            if (task->consumer != nullptr) out.lag = std::max(out.lag, task->consumer->lag(now));
        }
        return out;
    }

    services::Webhooks& webhooks() noexcept { return webhooks_; }
    HttpClient& client() noexcept { return client_; }
    const Options& options() const noexcept { return options_; }
    const Clock& clock() const noexcept { return tools_.clock; }

private:
    /// One webhook of one tenant.
    struct Task {
        DurableConsumer* consumer = nullptr;  // while it runs; changes under mutex_
        std::shared_ptr<asio::steady_timer> pause{};
        bool again = true;  // it may have changed since it was looked at

        void look_again() {
            again = true;
            if (pause) pause->cancel();
            if (consumer != nullptr) consumer->wake();
        }
        void end() {
            if (pause) pause->cancel();
            if (consumer != nullptr) consumer->stop();
        }
    };
    using TaskPtr = std::shared_ptr<Task>;
    using Key = std::pair<TenantId, Uuid>;

    void start(awaitable<void> work) {
        asio::co_spawn(context_, std::move(work), [this](const std::exception_ptr& fault) {
            if (!fault) return;
            try {
                std::rethrow_exception(fault);
            } catch (const std::exception& thrown) {
                tools_.trouble({}, thrown.what());
            }
        });
    }

    awaitable<void> look_around() {
        while (!stopped_) {
            const auto tenants =
                co_await asio::co_spawn(lister_, list_tenants(), asio::use_awaitable);
            if (!tenants) tools_.trouble({}, tenants.error().message);
            for (std::size_t i = 0; tenants && i < tenants->size() && !stopped_; ++i)
                co_await refresh((*tenants)[i], false);
            if (stopped_) co_return;
            timer_.expires_after(tenants ? options_.scan_interval
                                         : options_.delivery.trouble_pause);
            co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
        }
    }

    awaitable<Result<std::vector<TenantId>>> list_tenants() const { co_return tools_.tenants(); }

    /// Serves each webhook of the tenant that isn't served yet. `look_again`: the others may have
    /// changed, too.
    awaitable<void> refresh(TenantId tenant, bool look_again) {
        // First, so that what is committed from now on goes where it should by now.
        if (look_again) {
            for (const auto& [key, task] : tasks_) {
                if (key.first == tenant) task->look_again();
            }
        }
        const auto known = co_await ids_of(tenant);
        if (stopped_) co_return;
        if (!known) {
            if (known.error().code != Errc::tenant_unavailable)
                tools_.trouble(tenant.text(), known.error().message);
            co_return;
        }
        for (const auto id : *known) {
            if (auto added = add_task({tenant, id.uuid()}))
                start(serve(tenant, id, std::move(added)));
        }
    }

    /// nullptr if there is one.
    TaskPtr add_task(const Key& key) {
        const std::lock_guard lock{mutex_};
        const auto [at, added] = tasks_.try_emplace(key);
        if (!added) return nullptr;
        at->second = std::make_shared<Task>();
        return at->second;
    }

    awaitable<Result<std::vector<WebhookId>>> ids_of(const TenantId& tenant) {
        try {
            auto scope = co_await tools_.issuer.learn_job(tenant, std::string{job}, soon());
            if (!scope) co_return scope.error();
            co_return co_await webhooks_.ids(std::move(*scope), soon());
        } catch (const engine::Fault& fault) {
            co_return fail(Errc::storage_unusable, fault.what());
        }
    }

    awaitable<Result<std::optional<services::Webhook>>> find(const TenantId& tenant, WebhookId id) {
        try {
            auto scope = co_await tools_.issuer.learn_job(tenant, std::string{job}, soon());
            if (!scope) co_return scope.error();
            co_return co_await webhooks_.find(id, std::move(*scope), soon());
        } catch (const engine::Fault& fault) {
            co_return fail(Errc::storage_unusable, fault.what());
        }
    }

    awaitable<void> serve(TenantId tenant, WebhookId id, TaskPtr task) {
        while (task->again && !stopped_) {
            task->again = false;
            const auto webhook = co_await find(tenant, id);
            if (!webhook) {
                if (webhook.error().code == Errc::tenant_unavailable) continue;
                tools_.trouble(tenant.text(), webhook.error().message);
                task->again = true;
                co_await pause(*task);
                continue;
            }
            if (!*webhook || !(*webhook)->active) continue;
            const auto end = co_await deliver(tenant, **webhook, *task);
            if (end == DurableConsumer::End::woken) task->again = true;
            if (end == DurableConsumer::End::refused) co_await refused(tenant, id);
        }
        const std::lock_guard lock{mutex_};
        tasks_.erase(Key{tenant, id.uuid()});
    }

    awaitable<DurableConsumer::End> deliver(const TenantId& tenant,
                                            const services::Webhook& webhook, Task& task) {
        WebhookSink sink{client_, tools_.clock, tenant, webhook};
        const consumers::ConsumerTools tools{tools_.executor, tools_.issuer,    tools_.feed,
                                             tools_.clock,    turns_,           counts_,
                                             holder_,         std::string{job}, options_.delivery};
        DurableConsumer consumer{tools,           tenant, webhook.id.uuid(),
                                 webhook.version, sink,   context_.get_executor()};
        show(task, &consumer);
        // What was said while there was no consumer yet.
        if (task.again) consumer.wake();
        if (stopped_) consumer.stop();
        std::exception_ptr fault;
        auto end = DurableConsumer::End::woken;
        try {
            end = co_await consumer.run();
        } catch (const std::exception& thrown) {
            tools_.trouble(tenant.text(), thrown.what());
            fault = std::current_exception();
        }
        show(task, nullptr);
        if (fault) co_await pause(task);
        co_return end;
    }

    awaitable<void> refused(const TenantId& tenant, WebhookId id) {
        try {
            auto scope = co_await tools_.issuer.learn_job(tenant, std::string{job}, soon());
            if (!scope) co_return;
            const auto paused = co_await webhooks_.pause(id, std::move(*scope), soon());
            if (!paused) tools_.trouble(tenant.text(), paused.error().message);
        } catch (const engine::Fault& fault) {
            tools_.trouble(tenant.text(), fault.what());
        }
    }

    void show(Task& task, DurableConsumer* consumer) {
        const std::lock_guard lock{mutex_};
        task.consumer = consumer;
    }

    awaitable<void> pause(Task& task) {
        if (stopped_) co_return;
        task.pause =
            std::make_shared<asio::steady_timer>(context_, options_.delivery.trouble_pause);
        co_await task.pause->async_wait(asio::as_tuple(asio::use_awaitable));
        task.pause.reset();
    }

    Tools tools_;
    const Options options_;
    HttpClient client_;
    feed::Turns turns_;
    consumers::DeliveryCounts counts_;
    const Uuid holder_;
    services::Webhooks webhooks_;
    std::atomic<bool> stopped_ = false;
    mutable std::mutex mutex_;  // of tasks_ and their consumers, which the thread alone changes
    std::map<Key, TaskPtr> tasks_;
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    asio::steady_timer timer_;
    asio::thread_pool lister_{1};
    std::thread thread_;  // last: it uses the others
};

Dispatcher::Dispatcher(Tools tools, const Options& options)
    : impl_{std::make_unique<Impl>(std::move(tools), options, *this)} {}
Dispatcher::~Dispatcher() = default;

services::Webhooks& Dispatcher::webhooks() noexcept { return impl_->webhooks(); }
Statistics Dispatcher::statistics() const { return impl_->statistics(); }
void Dispatcher::stop() { impl_->stop(); }

services::PrivateAddresses Dispatcher::policy() const noexcept { return impl_->client().policy(); }

std::size_t Dispatcher::per_tenant() const noexcept { return impl_->options().per_tenant; }

boost::asio::awaitable<Result<void>> Dispatcher::send(const services::Webhook& webhook,
                                                      std::string message_id, std::string body) {
    auto outcome = co_await send_once(impl_->client(), impl_->clock(), webhook,
                                      std::move(message_id), std::move(body));
    if (outcome.kind == consumers::Outcome::Kind::delivered) co_return Result<void>{};
    co_return fail(Errc::webhook_failed, std::move(outcome.error));
}

void Dispatcher::changed(const TenantId& tenant) noexcept {
    try {
        impl_->changed(tenant);
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): the next scan finds it
    }
}

}  // namespace tenantry::webhooks
