#pragma once
/// Rows in the body of a request, as PostgREST takes them: an object, or an array of objects.

#include "query/algebra.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::http::rest {

/// Rows with the same columns.
struct RowsBody {
    std::vector<const query::Column*> columns{};
    std::vector<std::vector<query::Value>> rows{};  // each as long as `columns`
};

/// The names in the parameter `columns` or `on_conflict`: plain or "quoted", with commas between.
/// Errors: bad_query.
Result<std::vector<std::string>> parse_names(std::string_view text, std::string_view parameter);

/// New rows, in their order. `columns`: those that are read, whatever else the objects hold;
/// without, all objects have the same members. A row that lacks one of `columns` has null there, or
/// with `missing_default` its default. An external relation's defaults are its database's: only
/// where they make a difference are there several groups. What the server itself writes
/// (`created_at`, `updated_at`) is passed over, as a trigger would.
/// Errors: those of parse_document; bad_json, unknown_field, read_only_field, bad_value,
/// out_of_range, bad_id.
Result<std::vector<RowsBody>> parse_rows(const query::Relation& relation, std::string_view body,
                                         const std::optional<std::vector<std::string>>& columns,
                                         bool missing_default);

/// What an update sets: one object. Its `id` comes last, if there is one, for who knows which rows
/// are meant. Errors: as parse_rows.
Result<std::vector<query::Assignment>> parse_changes(
    const query::Relation& relation, std::string_view body,
    const std::optional<std::vector<std::string>>& columns);

}  // namespace tenantry::http::rest
