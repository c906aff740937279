#pragma once
/// What a filter may ask: the part of `plan` that is about conditions.

#include "query/algebra.hpp"

namespace tenantry::query {

/// Errors: bad_query for a column of another relation.
Result<void> check_member(const Relation& relation, const Column* column);

/// Errors: bad_query for a path within what isn't JSON, or too long a one.
Result<void> check_path(const Column& column, const JsonPath& path);

/// Whether `value` is null or one of `column`'s: of its type, and a number of its scale, since only
/// the unscaled part is stored.
bool is_of(const Column& column, const Value& value);

/// Whether values of the type have an order.
bool is_comparable(schema::ColumnType type) noexcept;

/// Whether full-text search finds words there: in text, in JSON's strings, and where they are
/// ready.
bool has_words(const Column& column, const std::optional<JsonPath>& path) noexcept;

/// Whether rows may be filtered by related ones: writes look at their own relation alone.
enum class Relatives { allowed, refused };

/// Errors: bad_query, too_deep.
Result<void> check_filter(const Relation& relation, const std::optional<Filter>& filter,
                          Relatives relatives);

}  // namespace tenantry::query
