#include "engine/sqlite/snapshot.hpp"

#include "sqlite/errors.hpp"
#include "sqlite/guarded_connection.hpp"
#include "sqlite/migrate.hpp"

namespace tenantry::engine::sqlite {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds lock_timeout{5000};

class Snapshot final : public Executor {
public:
    Snapshot(const std::string& path, const schema::Catalog& catalog)
        : connection_{path, catalog, GuardedConnection::Access::read_only, lock_timeout} {
        connection_.begin_snapshot();
    }

    asio::awaitable<Result<query::Reply>> run(query::ScopedPlan plan, Deadline) override {
        co_return read(plan);
    }

    asio::awaitable<Result<std::vector<query::Reply>>> read_all(
        std::vector<query::ScopedPlan> plans, Deadline) override {
        std::vector<query::Reply> replies;
        for (const auto& plan : plans) {
            auto reply = read(plan);
            if (!reply) co_return reply.error();
            replies.push_back(std::move(*reply));
        }
        co_return replies;
    }

    asio::awaitable<Result<std::vector<query::Reply>>> run_all(std::vector<query::ScopedPlan>,
                                                               Deadline) override {
        co_return fail(Errc::bad_request, "a snapshot is only read");
    }

private:
    Result<query::Reply> read(const query::ScopedPlan& plan) {
        if (!std::holds_alternative<query::Read>(plan.request()))
            return fail(Errc::bad_request, "a snapshot is only read");
        return connection_.write(plan);  // which runs a read within the open transaction
    }

    GuardedConnection connection_;
};

}  // namespace

Result<std::unique_ptr<Executor>> open_snapshot(const schema::Catalog& catalog,
                                                const std::filesystem::path& path) {
    const auto name = path.string();
    if (auto latest = require_latest(name); !latest) return latest.error();
    try {
        return std::unique_ptr<Executor>{std::make_unique<Snapshot>(name, catalog)};
    } catch (const SqliteFailure& failure) {
        return opening_error(failure, name);
    }
}

}  // namespace tenantry::engine::sqlite
