#pragma once
/// Rows that are read once more, for what is embedded in them.

#include "rest/asked.hpp"

namespace tenantry::http::rest {

/// Adds the relation's key where it isn't there.
void add_key(const Asked& asked, std::vector<const query::Column*>& columns);

/// The answer to what was asked, of the rows that `known` holds, in their order; its columns have
/// the key among them. Rows that are gone are left out. Errors: those of read_rows.
boost::asio::awaitable<Result<Response>> answer_anew(const Call& call, const Asked& asked,
                                                     const query::RowSet& known);

}  // namespace tenantry::http::rest
