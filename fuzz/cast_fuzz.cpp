// Values that are told as another type: the first byte says which type, the second what they are
// of, the rest is the value. What comes out is JSON, or there is a sentence that says what is
// wrong.

#include "query/cast.hpp"
#include "schema/json.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace tenantry;
using namespace tenantry::query;
using schema::ColumnType;

constexpr std::array casts{Cast::text,    Cast::int2,   Cast::int4,      Cast::int8,
                           Cast::numeric, Cast::float4, Cast::float8,    Cast::boolean,
                           Cast::date,    Cast::time,   Cast::timestamp, Cast::timestamptz,
                           Cast::uuid,    Cast::json,   Cast::jsonb};

Column native(std::string type) {
    return {"value", ColumnType::native, {.native_type = std::move(type)}};
}

const std::array columns{Column{"value", ColumnType::text, {}},
                         Column{"value", ColumnType::json, {}},
                         native("integer"),
                         native("numeric"),
                         native("double precision"),
                         native("timestamp with time zone"),
                         native("date"),
                         native("interval")};

void require(bool truth) {
    if (!truth) std::abort();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto cast = casts[data[0] % casts.size()];
    const auto& column = columns[data[1] % columns.size()];
    std::string text{reinterpret_cast<const char*>(data) + 2, size - 2};
    // Of every type but text the server keeps JSON, in its canonical form.
    if (column.type() != ColumnType::text) {
        auto value = schema::read_json(text);
        if (!value) return 0;
        schema::make_canonical(*value);
        text.clear();
        schema::append_json(text, *value);
    }
    if (!check_cast(column, {}, cast)) return 0;
    const auto told = recast(column, {}, cast, {Cell::Kind::text, 0, text});
    if (!told) {
        require(!told.error().message.empty());
        return 0;
    }
    std::string out;
    (*told)->append_json(out);
    // Text that is no UTF-8 is none in JSON either; the database holds none.
    if (column.type() != ColumnType::text) require(schema::read_json(out).has_value());
    static_cast<void>((*told)->row_text());
    return 0;
}
