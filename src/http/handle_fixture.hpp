#pragma once
/// Answers without a connection or a database.

#include "http/handle.hpp"

#include "schema/lead_schema.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <vector>

namespace tenantry::http {

using namespace std::chrono_literals;

inline constexpr std::string_view lead_id = "01890a5d-ac96-774b-bcce-b302099a8057";

class FixedClock final : public Clock {
public:
    Timestamp now() const override { return Timestamp{1'700'000'000s}; }
};

/// Every tenant is active but `closed`; nobody is a user here unless `now` says so.
class FakeDirectory final : public auth::Directory {
public:
    std::optional<auth::Standing> now{};
    std::optional<auth::Standing> remembered{};
    MaybeKey any_key{};  // what every API key is

    MaybeKey key(std::string_view) override { return any_key; }
    auth::Standing standing(const TenantId& tenant, std::string_view) override {
        if (tenant.text() == "broken") throw engine::Fault{"the disk is on fire"};
        if (now) return *now;
        return {.tenant = tenant.text() == "closed" ? auth::TenantStatus::suspended
                                                    : auth::TenantStatus::active};
    }
    auth::Recalled<auth::Standing> recall(const TenantId& tenant,
                                          std::string_view subject) override {
        return remembered ? *remembered : standing(tenant, subject);
    }
};

class FakeExecutor final : public engine::Executor {
public:
    std::function<Result<query::Reply>()> reply = [] { return query::Reply{}; };
    std::size_t runs = 0;
    engine::Deadline last_deadline{};

    /// Whether what scopes were made of still holds.
    bool premises_hold = true;

    boost::asio::awaitable<Result<query::Reply>> run(query::ScopedPlan plan,
                                                     engine::Deadline deadline) override {
        ++runs;
        last_deadline = deadline;
        if (const auto& premise = plan.premise()) {
            if (!premises_hold) co_return fail(Errc::standing_changed, "it has changed");
            premise->confirmed = true;
        }
        co_return reply();
    }
    boost::asio::awaitable<Result<std::vector<query::Reply>>> read_all(
        std::vector<query::ScopedPlan> plans, engine::Deadline) override {
        std::vector<query::Reply> replies;
        for (std::size_t i = 0; i < plans.size(); ++i) replies.push_back(reply().value());
        co_return replies;
    }
    boost::asio::awaitable<Result<std::vector<query::Reply>>> run_all(
        std::vector<query::ScopedPlan>, engine::Deadline) override {
        throw std::logic_error{"not used here"};
        co_return std::vector<query::Reply>{};
    }
};

class FakeReadiness final : public Readiness {
public:
    bool readable = true;
    boost::asio::awaitable<bool> database_readable(engine::Deadline) override {
        co_return readable;
    }
};

class RecordingObserver final : public Observer {
public:
    std::vector<std::string> finished{};
    std::vector<std::string> faulted{};
    std::vector<std::string> principals{};
    std::vector<std::string> quotas{};

    void observe(const RequestFinished& event) noexcept override {
        finished.push_back(std::string{event.method} + " " + std::string{event.route} + " " +
                           std::to_string(event.status) + " " + std::string{event.tenant});
        principals.emplace_back(event.principal);
        quotas.emplace_back(event.quota);
    }
    void observe(const RequestFaulted& event) noexcept override {
        faulted.push_back(std::string{event.id} + " " + std::string{event.route} + " " +
                          std::string{event.what});
    }
    void observe(const AcceptFailed&) noexcept override {}
    void observe(const ConnectionsExhausted&) noexcept override {}
    void observe(const SessionFaulted&) noexcept override {}
    void observe(const ListenerStarted&) noexcept override {}
    void observe(const ListenerDraining&) noexcept override {}
    void observe(const ListenerStopped&) noexcept override {}
};

template <class T>
T wait_for(boost::asio::awaitable<T> work) {
    boost::asio::io_context context;
    std::optional<T> result;
    boost::asio::co_spawn(context, std::move(work),
                          [&](const std::exception_ptr& thrown, T answered) {
                              if (thrown) std::rethrow_exception(thrown);
                              result = std::move(answered);
                          });
    context.run();
    return std::move(*result);
}

class HandleTest : public testing::Test {
protected:
    std::string token(std::string_view tenant, std::string_view role) const {
        const auth::Claims claims{.subject = "someone",
                                  .tenant = TenantId::parse(tenant).value(),
                                  .role = std::string{role},
                                  .expires_at = clock_.now() + 1h};
        return "Bearer " + verifier_.issue(claims, clock_.now());
    }

    Request request(Method method, std::string target, std::string body = {}) const {
        return {.method = method,
                .target = std::move(target),
                .authorization = token("acme", "admin"),
                .content_type = "application/json",
                .body = std::move(body)};
    }

    Response run(const Request& request, engine::Deadline deadline = engine::Deadline::max()) {
        return wait_for(handle(app_, request, deadline));
    }

    std::optional<Response> refuse(const Request& request) {
        return wait_for(refuse_early(app_, request, engine::Deadline::max()));
    }

    /// Status and code of a refusal.
    static std::string refusal(const Response& response) {
        const auto at = response.body.find("\"code\":\"");
        const auto code =
            at == std::string::npos
                ? ""
                : response.body.substr(at + 8, response.body.find('"', at + 8) - at - 8);
        return std::to_string(static_cast<unsigned>(response.status)) + " " + code;
    }

    FixedClock clock_;
    FakeDirectory directory_;
    FakeExecutor executor_;
    FakeReadiness readiness_;
    RecordingObserver observer_;
    auth::TokenVerifier verifier_{
        auth::Secret::parse("a secret for tests, 32 bytes or more").value()};
    auth::ScopeIssuer issuer_{verifier_, directory_};
    services::NoSealer sealer_;
    services::UnifiedDatabaseManager manager_{executor_, clock_, sealer_};
    App app_{manager_, issuer_, clock_, readiness_, observer_};
};

}  // namespace tenantry::http
