#pragma once
/// Keyset cursors: where a page ended, as an opaque text for the client.
///
/// A cursor is base64url of a JSON array: a fingerprint of tenant, relation and order, then the
/// order columns' values in the last row. It grants nothing: its values only bound a read that is
/// scoped like any other. The fingerprint turns a cursor used with another order, or by another
/// tenant, into a clear error instead of a page that makes no sense.

#include "base/id.hpp"
#include "query/rows.hpp"

namespace tenantry::query {

/// The cursor after the last of `rows`, which must be those of `read` and not empty, and hold the
/// order columns (as they do where Read::has_more was asked for).
std::string make_cursor(const TenantId& tenant, const Read& read, const RowSet& rows);

/// The values for Read::after; `read.order` must be what the page was made with, id included or
/// not. Errors: bad_cursor.
Result<std::vector<Value>> parse_cursor(const TenantId& tenant, const Read& read,
                                        std::string_view text);

}  // namespace tenantry::query
