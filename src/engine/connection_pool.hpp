#pragma once
/// Connections that are taken, used and given back. The pool grows to what is used at once.
/// Threads: any.

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace tenantry::engine {

template <class Connection>
class ConnectionPool {
public:
    using Factory = std::function<std::unique_ptr<Connection>()>;
    explicit ConnectionPool(Factory factory) : factory_{std::move(factory)} {}

    /// A connection for the time of its life.
    class Lease {
    public:
        Lease(ConnectionPool& pool, std::unique_ptr<Connection> connection)
            : pool_{pool}, connection_{std::move(connection)} {}
        ~Lease() { pool_.give_back(std::move(connection_)); }
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        Connection* operator->() const noexcept { return connection_.get(); }
        Connection* get() const noexcept { return connection_.get(); }

    private:
        ConnectionPool& pool_;
        std::unique_ptr<Connection> connection_;
    };

    /// Throws what the factory throws.
    Lease take() {
        {
            const std::lock_guard lock{mutex_};
            if (!idle_.empty()) {
                auto connection = std::move(idle_.back());
                idle_.pop_back();
                return {*this, std::move(connection)};
            }
        }
        return {*this, factory_()};
    }

private:
    void give_back(std::unique_ptr<Connection> connection) {
        const std::lock_guard lock{mutex_};
        idle_.push_back(std::move(connection));
    }

    Factory factory_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Connection>> idle_;  // the last used first: its pages are warm
};

}  // namespace tenantry::engine
