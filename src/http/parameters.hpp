#pragma once
/// Query parameters of lists. An empty value (`?status=&city=Oslo`) means that it is not given, as
/// forms send it.

#include "http/request.hpp"
#include "services/unified_database_manager.hpp"

#include <span>
#include <string_view>

namespace tenantry::http {

/// Errors: bad_query for a parameter that is not among `known` or stands twice and is not
/// `repeated`; `field` names it.
Result<void> check_parameters(const Target& target, std::span<const std::string_view> known,
                              std::string_view repeated = {});

/// `limit`, `offset`, `after`. Errors: bad_value, out_of_range; bad_query for both of the last two.
Result<services::PageRequest> parse_page(const Target& target);

/// All that leads are searched by. Errors: those of parse_page; bad_id.
Result<services::LeadCriteria> parse_lead_criteria(const Target& target);

/// All that approvals are listed by. Errors: those of parse_page; bad_id.
Result<services::ApprovalCriteria> parse_approval_criteria(const Target& target);

/// `timeframe`, a week unless given. Errors: bad_value.
Result<services::Timeframe> parse_timeframe(const Target& target);

/// An id in a path. Errors: bad_id.
template <class AnyId>
Result<AnyId> parse_path_id(std::string_view text) {
    auto id = AnyId::parse(text);
    if (!id) return fail(Errc::bad_id, "the id in the path is not a UUID", "id");
    return id;
}

}  // namespace tenantry::http
