// Any bytes as a value. The first one chooses a column of the built-in schema, or the reader of
// timestamps, numbers, documents or cursors alone. What is read must be written so that it reads
// back.

#include "base/decimal.hpp"
#include "base/text.hpp"
#include "base/timestamp.hpp"
#include "query/cursor.hpp"
#include "query/plan.hpp"
#include "schema/json.hpp"
#include "schema/lead_schema.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tenantry;

void require(bool holds) {
    if (!holds) std::abort();
}

const std::vector<const schema::Column*>& columns() {
    static const std::vector<const schema::Column*> all = [] {
        static const schema::Column flag{"flag", schema::ColumnType::boolean, {}};
        std::vector<const schema::Column*> out{&flag};
        for (const auto& relation : schema::lead_catalog().relations()) {
            for (const auto& column : relation->columns()) out.push_back(&column);
        }
        return out;
    }();
    return all;
}

void try_column(const schema::Column& column, std::string_view text) {
    if (const auto value = schema::parse_text(column, text)) {
        require(schema::has_type(*value, column.type()) && !schema::is_null(*value));
        const auto again = schema::parse_text(column, schema::to_text(*value));
        require(again && *again == *value);
    }
    const auto document = schema::read_json(text);
    if (!document) return;
    if (const auto value = schema::parse_json(column, *document)) {
        // What a client gives for a sealed column is a document until the manager seals it.
        const auto type =
            column.type() == schema::ColumnType::sealed ? schema::ColumnType::json : column.type();
        require(schema::has_type(*value, type) && (column.nullable() || !schema::is_null(*value)));
    }
}

void try_timestamp(std::string_view text) {
    const auto value = parse_timestamp(text);
    if (!value) return;
    std::string printed;
    append_timestamp(printed, *value);
    require(parse_timestamp(printed).value() == *value);
}

void try_decimal(std::string_view text) {
    if (text.empty()) return;
    const auto precision = static_cast<std::uint8_t>(1 + static_cast<unsigned char>(text[0]) % 18);
    const auto scale =
        static_cast<std::uint8_t>(static_cast<unsigned char>(text[0]) / 18 % (precision + 1U));
    text.remove_prefix(1);
    const auto value = parse_decimal(text, precision, scale);
    const auto exact = parse_decimal_exactly(text, precision, scale);
    if (exact) require(value && *value == *exact);
    if (!value) return;
    std::string printed;
    append_decimal(printed, *value);
    require(parse_decimal_exactly(printed, precision, scale).value() == *value);
}

void try_json(std::string_view text) {
    const auto value = schema::read_json(text);
    if (!value) return;
    std::string printed;
    schema::append_json(printed, *value);
    require(is_clean_utf8(printed));
    const auto again = schema::read_json(printed);
    require(again.has_value());
    std::string twice;
    schema::append_json(twice, *again);
    require(twice == printed);
}

void try_cursor(std::string_view text) {
    static const auto tenant = TenantId::parse("acme").value();
    const auto& leads = schema::lead_catalog().relation("leads");
    query::Read read{&leads, {&leads.id()}};
    read.order = {{&leads.column("score")},
                  {&leads.column("city")},
                  {&leads.column("created_at"), true, true}};
    // Behind the right fingerprint, which a mutation would never find.
    query::RowSet row{
        {&leads.column("score"), &leads.column("city"), &leads.column("created_at"), &leads.id()},
        0};
    for (std::size_t i = 0; i < row.columns().size(); ++i) row.append_null();
    std::string json;
    require(decode_base64url(query::make_cursor(tenant, read, row), json));
    json.resize(json.find(',') + 1);
    json += text;
    for (const auto& cursor : {std::string{text}, encode_base64url(text), encode_base64url(json)}) {
        const auto after = query::parse_cursor(tenant, read, cursor);
        if (!after) continue;
        auto next = read;
        next.after = *after;
        const auto planned = query::plan(next);
        require(planned || planned.error().code == Errc::bad_cursor);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
    switch (data[0]) {
    case 'T': try_timestamp(text); break;
    case 'D': try_decimal(text); break;
    case 'J': try_json(text); break;
    case 'C': try_cursor(text); break;
    default: try_column(*columns()[data[0] % columns().size()], text);
    }
    return 0;
}
