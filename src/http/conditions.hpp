#pragma once
/// What a write makes conditional: `If-Match` (RFC 9110 §13.1.1) and `Idempotency-Key`.

#include "http/request.hpp"
#include "services/unified_database_manager.hpp"

#include <span>

namespace tenantry::http {

/// The state of the row that the request is about; nullopt without the header, or with `*`.
/// Errors: precondition_failed for a tag that is none of ours, since no row can be in that state;
///         bad_request for a list, which would leave open which state the client has seen.
Result<services::UnifiedDatabaseManager::Expected> expected_version(const Request& request);

/// `fields`: those of the body that make a row, if it does. Secrets among them don't tell one
/// request from another, since a digest of a weak one, stored beside it, would give it away.
/// Errors: bad_value.
Result<services::UnifiedDatabaseManager::Once> idempotency_key(
    const Request& request, std::span<const query::Assignment> fields = {});

/// The tag of a row in the state that `rows` holds.
std::string entity_tag(const query::RowSet& rows, std::size_t row);

}  // namespace tenantry::http
