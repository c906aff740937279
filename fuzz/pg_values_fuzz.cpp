/// Values as a PostgreSQL server might send them. What is read stays within its bounds and its
/// types; JSON that is canonical comes back from jsonb's form as it was.

#include "pg/decode.hpp"
#include "schema/json.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace tenantry;

void check_json(std::string_view text) {
    std::string scratch;
    schema::append_from_jsonb(scratch, text);
    scratch.clear();
    schema::append_for_jsonb(scratch, text);

    auto value = schema::read_json(text);
    if (!value) return;
    schema::make_canonical(*value);
    std::string canonical;
    schema::append_json(canonical, *value);
    std::string stored;
    schema::append_for_jsonb(stored, canonical);
    std::string back;
    schema::append_from_jsonb(back, stored);
    // Infinities are refused before a document is kept.
    if (canonical.find("null") == std::string::npos && back != canonical) std::abort();
}

void check_values(std::string_view bytes) {
    static_cast<void>(pg::decode_boolean(bytes));
    static_cast<void>(pg::decode_integer(bytes));
    static_cast<void>(pg::decode_jsonb(bytes));
    static_cast<void>(pg::decode_uuid(bytes));
    constexpr std::uint8_t scales[] = {0, 2, 18};
    for (const auto scale : scales) static_cast<void>(pg::decode_numeric(bytes, scale));
    if (const auto time = pg::decode_timestamp(bytes)) {
        std::string text;
        append_timestamp(text, *time);
        if (parse_timestamp(text).value() != *time) std::abort();
    }
    std::size_t read = 0;
    static_cast<void>(
        pg::decode_text_array(bytes, [&](std::string_view element) { read += element.size(); }));
    if (read > bytes.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    check_values(bytes);
    check_json(bytes);
    return 0;
}
