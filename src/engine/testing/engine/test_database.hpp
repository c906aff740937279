#pragma once
/// A database file of its own for one test, with tenants, and scopes to act for them.

#include "auth/scope_issuer.hpp"
#include "base/random.hpp"
#include "engine/sqlite/sqlite_engine.hpp"
#include "schema/lead_schema.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace tenantry::engine::testing {

inline constexpr Deadline no_deadline = Deadline::max();

/// A directory that goes when the test ends.
class TempDirectory {
public:
    TempDirectory() {
        auto pattern = (std::filesystem::temp_directory_path() / "tenantry-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"mkdtemp"};
        path_ = pattern;
    }
    ~TempDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempDirectory(const TempDirectory&) = delete;
    TempDirectory& operator=(const TempDirectory&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// Contexts for coroutines, one at a time each. They are never destroyed: the thread that has
/// posted an answer may still be about to wake them when the answer has long been taken.
class Contexts {
public:
    using Context = std::unique_ptr<boost::asio::io_context>;

    static Contexts& instance() {
        static auto& contexts = *new Contexts;
        return contexts;
    }
    Context take() {
        const std::lock_guard lock{mutex_};
        if (idle_.empty()) return std::make_unique<boost::asio::io_context>();
        auto context = std::move(idle_.back());
        idle_.pop_back();
        context->restart();
        return context;
    }
    void give_back(Context context) {
        const std::lock_guard lock{mutex_};
        idle_.push_back(std::move(context));
    }

private:
    std::mutex mutex_;
    std::vector<Context> idle_;
};

/// Runs a coroutine to its end on this thread.
template <class T>
T wait_for(boost::asio::awaitable<T> task) {
    auto context = Contexts::instance().take();
    std::exception_ptr fault;
    std::optional<T> result;
    boost::asio::co_spawn(*context, std::move(task), [&](std::exception_ptr thrown, T value) {
        fault = thrown;
        if (!thrown) result.emplace(std::move(value));
    });
    context->run();
    Contexts::instance().give_back(std::move(context));
    if (fault) std::rethrow_exception(fault);
    return std::move(*result);
}

class TestDatabase {
public:
    TestDatabase() : path_{directory_.path() / "test.db"} {
        sqlite::migrate(path_).value();
        reopen();
    }

    sqlite::SqliteEngine& engine() { return *engine_; }
    ControlStore& control() { return *control_; }
    const std::filesystem::path& path() const { return path_; }

    /// Closes all connections and opens the file anew.
    void reopen() {
        engine_.reset();
        control_.reset();
        engine_ = sqlite::SqliteEngine::open(schema::lead_catalog(), {.path = path_}).value();
        control_ = sqlite::open_control_store(path_).value();
    }

    /// A tenant of that id, made if there is none, and a scope that may write in it.
    TenantScope scope(std::string_view tenant) {
        const auto id = TenantId::parse(tenant).value();
        if (!control_->tenant(id)) control_->create_tenant(id, tenant).value();
        return issuer().for_job(id, "test").value();
    }
    auth::ScopeIssuer issuer() { return {verifier_, *engine_}; }

    Result<query::Reply> run(query::Request request, const TenantScope& scope) {
        auto planned = query::plan(std::move(request), {system_clock().now(), new_uuid});
        if (!planned) return planned.error();
        auto scoped = query::scope_plan(std::move(*planned), scope);
        if (!scoped) return scoped.error();
        return wait_for(engine_->run(std::move(*scoped), no_deadline));
    }

private:
    TempDirectory directory_;
    std::filesystem::path path_;
    auth::TokenVerifier verifier_{
        auth::Secret::parse("a secret for tests, 32 bytes or more").value()};
    std::unique_ptr<sqlite::SqliteEngine> engine_;
    std::unique_ptr<ControlStore> control_;
};

}  // namespace tenantry::engine::testing
