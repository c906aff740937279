#pragma once
/// What one tenant may use, and how an operator changes that: the server's defaults, and the
/// overrides in the tenant's settings, `{"quotas": {"requests_per_second": 200, …}}`.
///
/// Each quota is a whole number; 0, or the word "unlimited", is none. What the overrides don't name
/// stays with the default. Threads: values and pure functions.

#include "base/error.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenantry::services {

struct Quotas {
    static constexpr std::uint64_t unlimited = 0;
    /// As it is written.
    static constexpr std::string_view unlimited_word = "unlimited";

    std::uint64_t requests_per_second = unlimited;
    /// That may come at once after a pause; two seconds' worth if unlimited.
    std::uint64_t request_burst = unlimited;
    std::uint64_t concurrent_requests = 256;
    std::uint64_t rows = unlimited;        // of all relations together
    std::uint64_t body_bytes = unlimited;  // of one request

    /// As a bucket holds it: at least 1, where requests_per_second is limited.
    std::uint64_t burst() const noexcept;

    friend bool operator==(const Quotas&, const Quotas&) = default;
};

/// One quota: its name in settings and answers, and where it is kept.
struct QuotaInfo {
    std::string_view name;
    std::uint64_t Quotas::* member;
    std::uint64_t max;
    std::string_view help;
};
/// All of them, in the order in which they are shown.
inline constexpr std::array<QuotaInfo, 5> quota_infos{{
    {"requests_per_second", &Quotas::requests_per_second, 1'000'000, "Requests a second"},
    {"request_burst", &Quotas::request_burst, 10'000'000,
     "Requests that may come at once after a pause; if unlimited, two seconds' worth"},
    {"concurrent_requests", &Quotas::concurrent_requests, 1'000'000, "Requests at the same time"},
    {"rows", &Quotas::rows, 1'000'000'000'000, "Rows of all relations together"},
    {"body_bytes", &Quotas::body_bytes, 1ULL << 30, "Bytes of a request's body"},
}};

/// A whole number up to `max`, or "unlimited". Errors: bad_value, with the quota's name.
Result<std::uint64_t> parse_quota(const QuotaInfo& quota, std::string_view text);
/// The number, or "unlimited".
std::string quota_text(std::uint64_t value);

/// What a tenant's settings say, one member a quota of `quota_infos`; nullopt: the default holds.
using QuotaOverrides = std::array<std::optional<std::uint64_t>, quota_infos.size()>;

/// Takes the quotas out of a tenant's settings (JSON). What can't be understood there counts as not
/// set: a slip in one setting must not lift or lower another.
QuotaOverrides quota_overrides(std::string_view settings);
Quotas quotas_with(const Quotas& defaults, const QuotaOverrides& overrides) noexcept;

/// A change of overrides: for each quota, whether it is touched, and what it becomes (nullopt: the
/// default again).
using QuotaChanges = std::array<std::optional<std::optional<std::uint64_t>>, quota_infos.size()>;

/// The settings with those changes and everything else as it was.
/// Errors: bad_json if the settings are no JSON object.
Result<std::string> change_quotas(std::string_view settings, const QuotaChanges& changes);

}  // namespace tenantry::services
