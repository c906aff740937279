#include "query/operand.hpp"

#include "base/decimal.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

namespace tenantry::query {

using schema::ColumnType;
using schema::Value;

Result<Value> parse_operand(const schema::Column& column, std::string_view text) {
    if (column.type() == ColumnType::numeric) {
        auto number =
            parse_decimal_exactly(text, column.options().precision, column.options().scale);
        if (number) return Value{*number};
        return fail(number.error().code,
                    fmt::format("{} {}", column.name(), number.error().message), column.name());
    }
    if (column.type() != ColumnType::text) return schema::parse_text(column, text);
    // Addresses are kept in lower case, so only such a one can be found.
    if (column.options().format == schema::Format::email) return Value{to_lower_ascii(text)};
    return Value{schema::Text{text}};
}

}  // namespace tenantry::query
