#pragma once
/// Column types and the values that live in them.
///
/// | type        | value in memory            | JSON                                   |
/// | text        | Text                       | string                                 |
/// | uuid        | Uuid                       | string, lower case                     |
/// | integer     | std::int64_t               | number                                 |
/// | numeric     | Decimal                    | number with the column's scale         |
/// | boolean     | bool                       | true, false                            |
/// | timestamptz | Timestamp                  | string, RFC 3339 in UTC                |
/// | json        | Json                       | inline                                 |
/// | text_array  | std::vector<std::string>   | array of strings                       |
/// | sealed      | Sealed                     | never written; read as any JSON        |
/// | native      | Native                     | what the database makes of it          |
///
/// Threads: values.

#include "base/decimal.hpp"
#include "base/id.hpp"
#include "base/timestamp.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace tenantry::schema {

enum class ColumnType {
    text,
    uuid,
    integer,
    numeric,
    boolean,
    timestamptz,
    json,
    text_array,
    sealed,  // a secret, encrypted under its tenant's key: no filter, order or answer holds it
    native,  // of an external relation: what only its database understands
};

struct Null {
    friend bool operator==(const Null&, const Null&) = default;
};
using Text = std::string;
/// Serialised JSON without insignificant white space.
struct Json {
    std::string text;
    friend bool operator==(const Json&, const Json&) = default;
};
using TextArray = std::vector<std::string>;
/// Ciphertext as text. What a client gives for a sealed column is Json until it is sealed, which
/// does not fit the column: so plaintext can't be planned into a row.
struct Sealed {
    std::string text;
    friend bool operator==(const Sealed&, const Sealed&) = default;
};

/// A value of a type that its database alone knows, in that type's text form.
struct Native {
    std::string text;
    friend bool operator==(const Native&, const Native&) = default;
};

using Value = std::variant<Null, bool, std::int64_t, Decimal, Timestamp, Uuid, Text, Json,
                           TextArray, Sealed, Native>;

inline bool is_null(const Value& value) noexcept { return std::holds_alternative<Null>(value); }

class Column;

/// Reads the text form of `column`'s type as found in URLs, CSV files and cursors. The empty string
/// is a value of text columns and refused elsewhere. Of a sealed column it is the ciphertext.
/// Checks type and length, neither enumerations nor ranges. Errors: bad_value, out_of_range,
/// bad_utf8, bad_id; `field` is the column's name.
Result<Value> parse_text(const Column& column, std::string_view text);

/// Reads a JSON value as a request's body gives it; null is allowed where the column is nullable.
/// Of a sealed column it is Json, still to be sealed. Checks type, length, range and enumeration.
/// Errors: as parse_text.
Result<Value> parse_json(const Column& column, const boost::json::value& json);

/// The inverse of parse_text: `parse_text(c, to_text(v)) == v` for each non-null value of c's type.
std::string to_text(const Value& value);

/// Whether `value` is null or of the alternative that `type` is kept in.
bool has_type(const Value& value, ColumnType type) noexcept;

}  // namespace tenantry::schema
