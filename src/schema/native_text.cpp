#include "schema/native_text.hpp"

#include "schema/array_text.hpp"
#include "schema/json.hpp"

#include <boost/json.hpp>

namespace tenantry::schema {
namespace {

namespace json = boost::json;

void append_element(std::string& out, const json::value& value);

void append_array(std::string& out, const json::array& array) {
    out += '{';
    const char* comma = "";
    for (const auto& element : array) {
        out += comma;
        comma = ",";
        append_element(out, element);
    }
    out += '}';
}

void append_element(std::string& out, const json::value& value) {
    if (value.is_null()) {
        out += "NULL";
        return;
    }
    if (const auto* array = value.if_array()) return append_array(out, *array);
    out += array_element(native_text(value, false));
}

}  // namespace

std::string native_text(const json::value& value, bool is_json) {
    std::string out;
    const auto* text = value.if_string();
    if (text != nullptr && !is_json) {
        out = *text;
    } else if (value.is_array() && !is_json) {
        append_array(out, value.get_array());
    } else {
        append_json(out, value);
    }
    return out;
}

}  // namespace tenantry::schema
