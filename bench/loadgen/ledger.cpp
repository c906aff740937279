#include "ledger.hpp"

namespace tenantry::bench {

Ledger::Ledger(std::uint64_t run, std::size_t subscribers_of_a_tenant)
    : run_{run}, subscribers_{subscribers_of_a_tenant} {}

Tag Ledger::add(std::size_t tenant, Time due) {
    changes_.push_back({.tenant = tenant, .due = due});
    reached_.resize(changes_.size() * subscribers_);
    counts_.expected += subscribers_;
    return {.run = run_, .tenant = tenant, .number = changes_.size() - 1};
}

Ledger::Verdict Ledger::take(const Tag& tag, const Seat& seat) {
    if (tag.run != run_ || tag.number >= changes_.size() ||
        changes_[tag.number].tenant != tag.tenant) {
        return Verdict::unknown;
    }
    if (tag.tenant != seat.tenant) {
        counts_.leaked += 1;
        return Verdict::leaked;
    }
    const auto reached =
        reached_.begin() + static_cast<std::ptrdiff_t>(tag.number * subscribers_ + seat.place);
    if (*reached) {
        counts_.doubled += 1;
        return Verdict::doubled;
    }
    *reached = true;
    counts_.got += 1;
    return Verdict::first;
}

}  // namespace tenantry::bench
