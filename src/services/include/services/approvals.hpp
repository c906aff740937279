#pragma once
/// The life of an approval: pending, then approved or rejected by whoever decides first, and an
/// approved one then sent or failed.
///
///     pending ──▶ approved ──▶ sent
///        │            └──────▶ failed
///        └─────▶ rejected

#include "base/error.hpp"
#include "base/id.hpp"
#include "services/page.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace tenantry::services {

enum class ApprovalStatus { pending, approved, rejected, sent, failed };
std::string_view name_of(ApprovalStatus status) noexcept;

/// One step of that life.
class Decision {
public:
    static constexpr std::size_t reason_bytes_max = 4096;

    static Decision approve() { return Decision{ApprovalStatus::approved, {}}; }
    static Decision mark_sent() { return Decision{ApprovalStatus::sent, {}}; }
    /// Errors: missing_field without a reason; out_of_range, bad_utf8.
    static Result<Decision> reject(std::string_view reason);
    /// The reason may be empty.
    static Result<Decision> mark_failed(std::string_view reason);

    ApprovalStatus to() const noexcept { return to_; }
    ApprovalStatus from() const noexcept;
    const std::string& reason() const noexcept { return reason_; }

private:
    Decision(ApprovalStatus to, std::string_view reason) : to_{to}, reason_{reason} {}
    ApprovalStatus to_;
    std::string reason_;
};

struct DecisionRequest {
    ApprovalId approval;
    Decision decision;
};

/// Equality on each member that is set. `sort` as in LeadCriteria.
struct ApprovalCriteria {
    std::optional<std::string> status{};
    std::optional<std::string> type{};
    std::optional<LeadId> lead{};
    std::string sort = "-created_at";
    PageRequest page{};
};

}  // namespace tenantry::services
