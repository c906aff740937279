#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::bench {

enum class Status : std::uint8_t { fresh, contacted, qualified, converted, closed };
inline constexpr std::size_t status_count = 5;

/// As it is written on the wire.
std::string_view text_of(Status status) noexcept;

/// What is known of one lead of the server under test.
struct Lead {
    std::string id;
    std::string email;
    Status status = Status::fresh;
    bool writing = false;       // an update is under way
    std::uint32_t version = 0;  // grows when an update starts and when it is acknowledged
};

/// What a number in an answer may be; one value unless writes are under way.
struct Range {
    std::int64_t min = 0;
    std::int64_t max = 0;

    [[nodiscard]] bool contains(std::int64_t value) const noexcept {
        return value >= min && value <= max;
    }
};

/// How many rows of a kind a tenant has, and what writes under way may change about it.
struct Total {
    std::int64_t known = 0;
    std::int64_t may_gain = 0;
    std::int64_t may_lose = 0;

    // A write that was under way is acknowledged.
    void gain() noexcept {
        known += 1;
        may_gain -= 1;
    }
    void lose() noexcept {
        known -= 1;
        may_lose -= 1;
    }

    [[nodiscard]] Range range() const noexcept {
        return {.min = known - may_lose, .max = known + may_gain};
    }
};

struct Tenant {
    std::string name;
    std::string token;
    std::vector<Lead> leads;
    std::array<Total, status_count> totals{};
    Total all{};      // leads, whatever their status
    Total pending{};  // approvals

    Total& total(Status status) { return totals.at(static_cast<std::size_t>(status)); }
};

/// Reads `folder`/tokens.tsv (lines "tenant<TAB>token") and `folder`/leads.tsv (lines
/// "tenant<TAB>id<TAB>status<TAB>email", the tenants in the same order).
/// Throws: std::runtime_error naming the file and line.
std::vector<Tenant> read_dataset(const std::filesystem::path& folder);

/// Some tenants of a data set, by their places in it, the first being 1.
struct TenantRange {
    std::size_t first;
    std::size_t last;  // included

    friend bool operator==(const TenantRange&, const TenantRange&) = default;
};

/// "FROM-TO"; nullopt unless 1 <= FROM <= TO.
std::optional<TenantRange> parse_tenant_range(std::string_view text) noexcept;

/// Those of `tenants` that are in the range. Throws: std::runtime_error if it goes beyond them.
std::vector<Tenant> select(std::vector<Tenant> tenants, const TenantRange& range);

}  // namespace tenantry::bench
