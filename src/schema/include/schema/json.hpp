#pragma once
/// JSON text (RFC 8259), in both directions.

#include "base/error.hpp"
#include "base/limits.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace tenantry::schema {

/// Reads one document, nested at most `depth_max` deep. Of members of one name the last counts.
/// Unlike boost::json::parse of 1.81, which is off by a unit in the last place for a tenth of all
/// doubles written in full, each double is the nearest to its text, so that reading and writing a
/// document again and again leaves it as it was. What is beyond the largest double becomes
/// infinite. Errors: bad_json. Threads: pure function.
Result<boost::json::value> read_json(std::string_view text,
                                     std::size_t depth_max = limits::json_depth_max);

/// The double nearest to the whole JSON number `text`; `otherwise` if that is none, or out of
/// range. For handlers of their own over json::basic_parser, whose doubles are off as above.
double nearest_double(std::string_view text, double otherwise) noexcept;

/// Appends `value` without insignificant white space. Integers are written as they are; a double in
/// the fewest digits that read back as the same double, with a point or an exponent, so that it
/// stays a double (`1.5`, `2.0`, `1e+300`). JSON has no infinities: they become null.
/// Strings must be well-formed UTF-8, as those of a parsed document are; the recursion is as deep
/// as the value, which a parser's `max_depth` bounds. Threads: pure function.
void append_json(std::string& out, const boost::json::value& value);

/// Puts the members of objects in the order that PostgreSQL's jsonb has, shorter names first and
/// those of one length by their bytes, and gives zero no sign, so that a document that is kept
/// reads back the same from every engine. Threads: pure function.
void make_canonical(boost::json::value& value);

/// Appends `canonical`, the text of a canonical document, as jsonb can keep it without losing which
/// numbers are doubles: those with an exponent are written out. Threads: pure function.
void append_for_jsonb(std::string& out, std::string_view canonical);

/// Appends `canonical` as jsonb prints it, which is its text where one is asked for: `{"a": [1,
/// 2]}`. Threads: pure function.
void append_jsonb_text(std::string& out, std::string_view canonical);

/// The inverse of both: appends a document as jsonb prints it in canonical text. What isn't JSON as
/// jsonb prints it comes out as some text, never beyond its end. Threads: pure function.
void append_from_jsonb(std::string& out, std::string_view printed);

}  // namespace tenantry::schema
