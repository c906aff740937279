#pragma once
/// What can be asked of a JSON document, as PostgreSQL answers it of jsonb (manual, "JSON Functions
/// and Operators"). Threads: pure functions; the recursion is as deep as the documents, which
/// read_json bounds.

#include <boost/json/value.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::schema {

/// `#>`: the place that the steps lead to, names of members or indexes of elements, which count
/// from the end where they are negative. nullptr if there is no such place.
const boost::json::value* find_in(const boost::json::value& json,
                                  std::span<const std::string> steps);

/// `->>`: a string's own characters, else the text of jsonb. Not of null.
std::string text_of(const boost::json::value& json);

/// -1, 0 or 1 in the order of jsonb, but for strings, which are ordered by their bytes instead of
/// by a database's collation.
int compare_json(const boost::json::value& a, const boost::json::value& b);

/// The strings in it, but names of members, in their order: what to_tsvector reads of jsonb. They
/// are views into `json`.
std::vector<std::string_view> strings_in(const boost::json::value& json);

/// `@>`: whether `a` contains `b`.
bool json_holds(const boost::json::value& a, const boost::json::value& b);

}  // namespace tenantry::schema
