#include "http/quota_gate.hpp"

#include <algorithm>

namespace tenantry::http {
namespace {

using services::Quotas;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr seconds overrides_last{1};
/// For quotas that time alone doesn't lift.
constexpr seconds later{60};

nanoseconds interval_of(const Quotas& quotas) {
    return nanoseconds{seconds{1}} / static_cast<std::int64_t>(quotas.requests_per_second);
}

/// How far ahead of now the bucket's time may be for one more request to fit.
nanoseconds tolerance_of(const Quotas& quotas) {
    return interval_of(quotas) * static_cast<std::int64_t>(quotas.burst() - 1);
}

}  // namespace

struct QuotaGate::State {
    Quotas quotas;
    Time read_at;                // when the quotas were, or are being
    Time full_at = Time::min();  // when the bucket is full again
    std::atomic<std::uint32_t> under_way = 0;
    std::uint32_t pins = 0;  // readers of overrides, who let go of the lock meanwhile
};

QuotaGate::Pass::Pass(std::atomic<std::uint32_t>& under_way, const Quotas& quotas)
    : under_way_{&under_way}, quotas_{quotas} {
    under_way_->fetch_add(1, std::memory_order_relaxed);
}
QuotaGate::Pass::Pass(Pass&& other) noexcept
    : under_way_{std::exchange(other.under_way_, nullptr)}, quotas_{other.quotas_} {}
QuotaGate::Pass::~Pass() {
    // The last access to the state, which may be forgotten from here on.
    if (under_way_ != nullptr) under_way_->fetch_sub(1, std::memory_order_release);
}

QuotaGate::QuotaGate(const Quotas& defaults, QuotaSource& source)
    : defaults_{defaults}, source_{source} {}
QuotaGate::~QuotaGate() = default;

std::variant<QuotaGate::Pass, QuotaRefusal> QuotaGate::enter(const TenantId& tenant,
                                                             std::size_t body_bytes, Time now) {
    auto& shard = shard_of(tenant);
    std::unique_lock lock{shard.mutex};
    auto& state = fresh_state(shard, lock, tenant, now);
    if (const auto refusal = judge(state, body_bytes, now)) return *refusal;
    if (state.quotas.requests_per_second != Quotas::unlimited)
        state.full_at = std::max(state.full_at, now) + interval_of(state.quotas);
    return Pass{state.under_way, state.quotas};
}

std::optional<QuotaRefusal> QuotaGate::foresee(const TenantId& tenant, std::size_t body_bytes,
                                               Time now) {
    auto& shard = shard_of(tenant);
    std::unique_lock lock{shard.mutex};
    return judge(fresh_state(shard, lock, tenant, now), body_bytes, now);
}

std::size_t QuotaGate::size() const {
    std::size_t count = 0;
    for (const auto& shard : shards_) {
        const std::lock_guard lock{shard.mutex};
        count += shard.states.size();
    }
    return count;
}

auto QuotaGate::shard_of(const TenantId& tenant) -> Shard& {
    return shards_[TextHash{}(tenant.text()) % shards_.size()];
}

/// The tenant's state with quotas that are no older than allowed. The lock is let go while they are
/// read; meanwhile the ones before hold, and at first the defaults.
auto QuotaGate::fresh_state(Shard& shard, std::unique_lock<std::mutex>& lock,
                            const TenantId& tenant, Time now) -> State& {
    const std::string_view key = tenant.text();
    auto found = shard.states.find(key);
    if (found == shard.states.end()) {
        if (shard.states.size() >= shard.sweep_at) sweep(shard, now);
        auto made = std::make_unique<State>();
        made->quotas = defaults_;
        made->read_at = now - overrides_last;
        found = shard.states.emplace(key, std::move(made)).first;
    }
    auto* state = found->second.get();
    if (now - state->read_at < overrides_last) return *state;
    state->read_at = now;
    ++state->pins;
    lock.unlock();
    std::exception_ptr fault;
    try {
        const auto overrides = source_.overrides(tenant);
        lock.lock();
        state->quotas = quotas_with(defaults_, overrides);
    } catch (...) {
        fault = std::current_exception();
        if (!lock.owns_lock()) lock.lock();
    }
    --state->pins;
    if (fault) std::rethrow_exception(fault);
    return *state;
}

std::optional<QuotaRefusal> QuotaGate::judge(const State& state, std::size_t body_bytes, Time now) {
    const auto& quotas = state.quotas;
    if (quotas.body_bytes != Quotas::unlimited && body_bytes > quotas.body_bytes)
        return QuotaRefusal{"body_bytes", later, quotas.body_bytes};
    if (quotas.concurrent_requests != Quotas::unlimited &&
        state.under_way.load(std::memory_order_relaxed) >= quotas.concurrent_requests)
        return QuotaRefusal{"concurrent_requests", seconds{1}, quotas.concurrent_requests};
    if (quotas.requests_per_second == Quotas::unlimited || state.full_at <= now)
        return std::nullopt;
    const auto wait = state.full_at - now - tolerance_of(quotas);
    if (wait <= nanoseconds{0}) return std::nullopt;
    return QuotaRefusal{"requests_per_second",
                        std::max(seconds{1}, std::chrono::ceil<seconds>(wait)),
                        quotas.requests_per_second};
}

/// Costs as much as the states that have been added since the last time, so little for each.
void QuotaGate::sweep(Shard& shard, Time now) {
    std::erase_if(shard.states, [now](const auto& entry) {
        const auto& state = *entry.second;
        return state.full_at <= now && state.pins == 0 &&
               state.under_way.load(std::memory_order_acquire) == 0;
    });
    shard.sweep_at = std::max<std::size_t>(64, 2 * shard.states.size());
}

}  // namespace tenantry::http
