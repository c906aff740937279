#include "admission.hpp"

#include "http/problem.hpp"

#include <fmt/format.h>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tenantry::http {
namespace {

namespace asio = boost::asio;

/// A full book of leads doesn't empty itself.
constexpr std::chrono::seconds rows_retry{60};

std::string sentence_of(const QuotaRefusal& refusal) {
    return fmt::format(
        "this tenant's quota {} is {}; wait as Retry-After says, or ask the operator of this "
        "server for more",
        refusal.quota, refusal.limit);
}

OverQuota over(const QuotaRefusal& refusal) {
    auto response =
        problem(fail(Errc::quota_exceeded, sentence_of(refusal), std::string{refusal.quota}));
    add_header(response, "retry-after", fmt::to_string(refusal.retry_after.count()));
    return {refusal.quota, std::move(response)};
}

/// Decisions write an event each, but a tenant that has no room left must be able to make them.
bool brings_rows(const Route& route) {
    return route.method == Method::post && !route.pattern.starts_with("/api/approvals/") &&
           !route.pattern.starts_with("/realtime/");
}

}  // namespace

asio::awaitable<Result<std::variant<QuotaGate::Pass, OverQuota>>> admit(App& app,
                                                                        const Request& request,
                                                                        const Route& route,
                                                                        const TenantScope& scope,
                                                                        engine::Deadline deadline) {
    // Empty where the body is a file: those have limits of their own.
    const auto body_bytes = request.body.size();
    auto entered = app.quotas->enter(scope.tenant(), body_bytes, std::chrono::steady_clock::now());
    if (const auto* refusal = std::get_if<QuotaRefusal>(&entered)) {
        if (refusal->quota != "body_bytes" && app.refusal_pause.count() > 0) {
            asio::steady_timer timer{co_await asio::this_coro::executor, app.refusal_pause};
            co_await timer.async_wait(asio::use_awaitable);
        }
        co_return over(*refusal);
    }
    auto pass = std::get<QuotaGate::Pass>(std::move(entered));
    const auto rows_max = pass.quotas().rows;
    if (rows_max != services::Quotas::unlimited && brings_rows(route)) {
        const auto rows = co_await app.manager.count_rows(scope, deadline);
        if (!rows) co_return rows.error();
        if (static_cast<std::uint64_t>(*rows) >= rows_max)
            co_return over({"rows", rows_retry, rows_max});
    }
    co_return std::move(pass);
}

std::optional<OverQuota> foresee_refusal(App& app, const Request& request, const Route& route,
                                         const TenantScope& scope) {
    const auto body_bytes = route.takes_file ? 0 : request.body_bytes_announced;
    const auto refusal =
        app.quotas->foresee(scope.tenant(), body_bytes, std::chrono::steady_clock::now());
    if (!refusal) return std::nullopt;
    return over(*refusal);
}

}  // namespace tenantry::http
