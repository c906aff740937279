#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "dataset.hpp"
#include "histogram.hpp"
#include "ledger.hpp"
#include "poller.hpp"

namespace tenantry::bench {

/// Changes leads by PATCH over connections that are kept, each with one request at a time.
class Patches {
public:
    using Time = Poller::Time;

    /// What is to be changed: lead `lead` of the tag's tenant gets the tag.
    struct Patch {
        Tag tag;
        std::size_t lead;
        Time due;
    };

    /// Throws: std::runtime_error from the poller's sources at an answer that is wrong or missing;
    ///         std::system_error.
    Patches(Poller& poller, std::uint16_t port, const std::vector<Tenant>& tenants,
            std::size_t connections);
    ~Patches();
    Patches(const Patches&) = delete;
    Patches& operator=(const Patches&) = delete;
    Patches(Patches&&) = delete;
    Patches& operator=(Patches&&) = delete;

    /// Sends it now, or as soon as a connection is free.
    void make(const Patch& patch);

    /// Neither waits nor is under way.
    [[nodiscard]] bool all_answered() const noexcept { return unanswered_ == 0; }

    /// Of patches that are due from `from` on: from when it was due until it was made, which is the
    /// load generator's fault, and until it was answered.
    void measure(Time from) noexcept { measured_from_ = from; }
    [[nodiscard]] const Histogram& made_late() const noexcept { return made_late_; }
    [[nodiscard]] const Histogram& answered() const noexcept { return answered_; }

private:
    class Connection;

    void note_answered(Connection& connection);

    const std::vector<Tenant>& tenants_;
    std::vector<std::unique_ptr<Connection>> connections_{};
    std::deque<Connection*> free_{};
    std::deque<Patch> waiting_{};
    std::size_t unanswered_ = 0;
    Time measured_from_ = Time::max();
    Histogram made_late_{};
    Histogram answered_{};
};

}  // namespace tenantry::bench
