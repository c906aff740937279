#pragma once
/// JSON as the text form of a type that only PostgreSQL knows: what `json_populate_record` makes of
/// it (manual, "JSON Functions and Operators"). Threads: pure function.

#include <boost/json/value.hpp>

#include <string>

namespace tenantry::schema {

/// Not of null. Strings are taken as they are; arrays become `{1,2}`, within each other too, where
/// null is an element; objects stay JSON. `is_json`: for a type that holds JSON, all of it does.
std::string native_text(const boost::json::value& value, bool is_json);

}  // namespace tenantry::schema
