#include "engine/postgres/snapshot.hpp"

#include "postgres/client_pool.hpp"
#include "postgres/compile.hpp"
#include "postgres/session.hpp"
#include "violations.hpp"

#include <algorithm>

namespace tenantry::engine::postgres {
namespace {

using Replies = std::vector<query::Reply>;

class Snapshot final : public Executor {
public:
    explicit Snapshot(std::unique_ptr<pg::Client> client) : client_{std::move(client)} {
        client_->script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        client_->run("SELECT 1");  // from here on the state stands
    }

    boost::asio::awaitable<Result<query::Reply>> run(query::ScopedPlan plan,
                                                     Deadline deadline) override {
        std::vector<query::ScopedPlan> plans;
        plans.push_back(std::move(plan));
        auto replies = read(std::move(plans), deadline);
        if (!replies) co_return replies.error();
        co_return std::move(replies->front());
    }
    boost::asio::awaitable<Result<Replies>> read_all(std::vector<query::ScopedPlan> plans,
                                                     Deadline deadline) override {
        co_return read(std::move(plans), deadline);
    }
    boost::asio::awaitable<Result<Replies>> run_all(std::vector<query::ScopedPlan> plans,
                                                    Deadline deadline) override {
        co_return read(std::move(plans), deadline);
    }

private:
    Result<Replies> read(std::vector<query::ScopedPlan> plans, Deadline deadline) {
        const auto is_read = [](const query::ScopedPlan& plan) {
            return std::holds_alternative<query::Read>(plan.request());
        };
        if (!std::ranges::all_of(plans, is_read))
            return fail(Errc::bad_request, "a snapshot is only read");
        if (std::chrono::steady_clock::now() >= deadline) return too_late();
        const CompiledPlans compiled{std::move(plans)};
        try {
            std::vector<pg::Answer> answers;
            for (const auto& call : compiled.segment(std::chrono::milliseconds{0}).calls)
                answers.push_back(client_->run(call.text, call.arguments));
            return compiled.replies(answers);
        } catch (const pg::ClientError& error) {
            return compiled.error_of(error.failure(), 0);
        }
    }

    std::unique_ptr<pg::Client> client_;
};

}  // namespace

Result<std::unique_ptr<Executor>> open_snapshot(const pg::Url& url) {
    TENANTRY_TRY(client, connect_latest(read_startup(url)));
    try {
        return std::unique_ptr<Executor>{std::make_unique<Snapshot>(std::move(client))};
    } catch (const pg::ClientError& error) {
        return unusable(url, error.what());
    }
}

}  // namespace tenantry::engine::postgres
