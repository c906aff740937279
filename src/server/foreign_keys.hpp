#pragma once
/// The keys of the issuers that this server trusts beside itself, fetched from where they publish
/// them.

#include "base/timestamp.hpp"
#include "periodic.hpp"
#include "server/issuers_file.hpp"
#include "server/log.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace tenantry::server {

/// Fetches each issuer's keys at once and every ten minutes, those that couldn't be had every
/// minute. Keys that were had stay when a fetch fails, for a day.
/// Threads: one at a time, besides its own.
class ForeignKeys {
public:
    static constexpr std::chrono::minutes renewal{10};
    static constexpr std::chrono::hours kept{24};
    /// Is told all issuers with their keys, whenever those have changed.
    using Tell = std::function<void(std::vector<auth::ForeignIssuer>)>;

    /// `log` must outlive it.
    ForeignKeys(std::vector<ConfiguredIssuer> issuers, Tell tell, Log& log);
    ~ForeignKeys();
    ForeignKeys(const ForeignKeys&) = delete;
    ForeignKeys& operator=(const ForeignKeys&) = delete;

    void stop();

private:
    using Time = std::chrono::steady_clock::time_point;
    struct Known {
        ConfiguredIssuer configured;
        Time had{};  // the keys; the epoch: never
    };
    void look() noexcept;
    bool renew(Known& known, Time now);

    std::vector<Known> issuers_;
    Tell tell_;
    Log& log_;
    std::unique_ptr<Periodic> periodic_;  // last: it uses the others
};

}  // namespace tenantry::server
