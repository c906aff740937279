#pragma once
/// Rows as answers.

#include "http/response.hpp"
#include "query/rows.hpp"
#include "services/unified_database_manager.hpp"

#include <string_view>

namespace tenantry::http {

/// 200 with the only row of `rows`.
Response one_row(const query::RowSet& rows);
/// 201 with it; `collection` is the path that its id is appended to for `Location`, empty for none.
Response created_row(const query::RowSet& rows, std::string_view collection);
/// 200 with `{"<name>": rows, "total": n, "next": cursor or null}`.
Response page_of(std::string_view name, const services::Page& page);
/// 204.
Response nothing();

}  // namespace tenantry::http
