#pragma once
/// Holds each tenant to its quotas of requests: how many a second, how many at the same time.
///
/// The rate is a token bucket, kept as the one point in time at which it will be full again (the
/// generic cell rate algorithm). A tenant's overrides are read at most once a second, so a change
/// holds within that. State is kept for tenants with requests under way or a bucket that isn't
/// full; what it was for the others a new one would be, so they are forgotten as room is needed.
///
/// One tenant's use has no bearing on another's. Threads: any, at the same time; time is a value.

#include "base/error.hpp"
#include "base/id.hpp"
#include "services/quotas.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

namespace tenantry::http {

/// Where tenants' overrides come from.
class QuotaSource {
public:
    virtual ~QuotaSource() = default;
    /// Blocking, but brief. Throws: engine faults.
    virtual services::QuotaOverrides overrides(const TenantId& tenant) = 0;
};

/// Which quota was met, by its name, and when to come again.
struct QuotaRefusal {
    std::string_view quota;
    std::chrono::seconds retry_after;
    std::uint64_t limit;

    friend bool operator==(const QuotaRefusal&, const QuotaRefusal&) = default;
};

class QuotaGate {
    struct State;

public:
    using Time = std::chrono::steady_clock::time_point;

    /// A request that was let in, until it is destroyed.
    class Pass {
    public:
        Pass(Pass&& other) noexcept;
        Pass& operator=(Pass&&) = delete;
        Pass(const Pass&) = delete;
        Pass& operator=(const Pass&) = delete;
        ~Pass();
        const services::Quotas& quotas() const noexcept { return quotas_; }

    private:
        friend class QuotaGate;
        Pass(std::atomic<std::uint32_t>& under_way, const services::Quotas& quotas);
        std::atomic<std::uint32_t>* under_way_;
        services::Quotas quotas_;
    };

    /// `source` must outlive it.
    QuotaGate(const services::Quotas& defaults, QuotaSource& source);
    ~QuotaGate();
    QuotaGate(const QuotaGate&) = delete;
    QuotaGate& operator=(const QuotaGate&) = delete;

    /// Lets a request in, which takes a token, or says why not. Throws what the source does.
    std::variant<Pass, QuotaRefusal> enter(const TenantId& tenant, std::size_t body_bytes,
                                           Time now);
    /// Whether `enter` would refuse now; takes nothing.
    std::optional<QuotaRefusal> foresee(const TenantId& tenant, std::size_t body_bytes, Time now);

    /// What holds for tenants without quotas of their own.
    const services::Quotas& defaults() const noexcept { return defaults_; }
    /// Tenants whose state is kept.
    std::size_t size() const;

private:
    struct TextHash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    struct Shard {
        mutable std::mutex mutex;
        std::unordered_map<std::string, std::unique_ptr<State>, TextHash, std::equal_to<>> states;
        std::size_t sweep_at = 64;  // the size at which those at rest are forgotten
    };

    Shard& shard_of(const TenantId& tenant);
    State& fresh_state(Shard& shard, std::unique_lock<std::mutex>& lock, const TenantId& tenant,
                       Time now);
    static std::optional<QuotaRefusal> judge(const State& state, std::size_t body_bytes, Time now);
    static void sweep(Shard& shard, Time now);

    const services::Quotas defaults_;
    QuotaSource& source_;
    std::array<Shard, 16> shards_;
};

}  // namespace tenantry::http
