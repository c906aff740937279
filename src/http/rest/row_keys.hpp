#pragma once
/// Rows by their keys, of one or more columns.

#include "query/rows.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace tenantry::http::rest {

/// How many rows `these_rows` can tell: a filter has so many terms.
std::size_t rows_told_max(const query::Relation& relation) noexcept;

/// Those that `rows` hold, whose columns have the key among them.
query::Filter these_rows(const query::Relation& relation, const query::RowSet& rows);

/// The places of `rows` in the order of `wanted`, as far as they are there.
std::vector<std::size_t> places_of(const query::Relation& relation, const query::RowSet& wanted,
                                   const query::RowSet& rows);

/// `/leads?id=eq.…`.
std::string location_of(const query::Relation& relation, const query::RowSet& rows,
                        std::size_t row);

}  // namespace tenantry::http::rest
