#pragma once
/// What whole files of leads need besides a request of the ordinary kind: threads to read them on,
/// room on a disk for what comes in, and more time.

#include "engine/executor.hpp"
#include "http/spool.hpp"

#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace tenantry::http {

struct TransferOptions {
    /// Where files that come in are kept until they are read. The system's own is often memory.
    std::filesystem::path folder;
    std::size_t threads = 2;          // that import at a time
    std::size_t spools_max = 16;      // files that come in or are read at a time, of all tenants
    std::size_t spools_each_max = 2;  // of one tenant
    std::chrono::milliseconds import_deadline{std::chrono::minutes{10}};
    std::chrono::milliseconds page_deadline{std::chrono::seconds{15}};  // for a page of an export
};

/// Threads: any. Nobody may be waiting for its pool when it is destroyed.
class Transfers {
public:
    /// `executor` must outlive it.
    Transfers(engine::Executor& executor, TransferOptions options);
    ~Transfers();
    Transfers(const Transfers&) = delete;
    Transfers& operator=(const Transfers&) = delete;

    engine::Executor& executor() noexcept { return executor_; }
    /// Where imports run.
    boost::asio::thread_pool& pool() noexcept { return pool_; }
    /// Where files are stored that come in.
    boost::asio::thread_pool& disk() noexcept { return disk_; }
    /// For what begins now.
    engine::Deadline import_deadline() const;
    engine::Deadline page_deadline() const;

    /// Room for a file of the tenant. Errors: overloaded, if it or the server has as many under way
    /// as it may; storage_full. Throws: std::system_error.
    Result<std::shared_ptr<Spool>> open_spool(const TenantId& tenant);

private:
    Result<void> take_place(const std::string& tenant);
    void leave_place(const std::string& tenant);

    engine::Executor& executor_;
    TransferOptions options_;
    std::mutex mutex_;
    std::size_t spools_ = 0;
    std::unordered_map<std::string, std::size_t> spools_of_;
    boost::asio::thread_pool disk_{1};
    boost::asio::thread_pool pool_;  // last: its threads use the others
};

}  // namespace tenantry::http
