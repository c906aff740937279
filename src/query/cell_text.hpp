#pragma once
/// Values as PostgreSQL's text forms have them: what a cast to text gives.
/// Threads: pure functions.

#include "query/rows.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace tenantry::query {

/// Appends `2026-01-06T08:30:00.5` with `separator` in the middle, and `zone`.
void append_time(std::string& out, Timestamp time, char separator, std::string_view zone);

/// Not of null.
std::string text_of(const Column& column, const Cell& cell);

/// What is at the path; null if nothing is. Not of a cell that is null.
boost::json::value find_place(const Cell& cell, const JsonPath& path);

/// JSON's own text, which has blanks.
std::string jsonb_text(std::string_view canonical);

/// As `->` gives it.
std::string json_of(const boost::json::value& place);

}  // namespace tenantry::query
