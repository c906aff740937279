#include "schema/json_query.hpp"

#include "schema/json.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace tenantry::schema {
namespace {

namespace json = boost::json;

int sign_of(auto a, auto b) { return a < b ? -1 : a > b ? 1 : 0; }

int compare_text(std::string_view a, std::string_view b) {
    const auto order = a.compare(b);
    return sign_of(order, 0);
}

/// Holds any of the three kinds of numbers without loss.
long double number_of(const json::value& value) {
    if (const auto* whole = value.if_int64()) return static_cast<long double>(*whole);
    if (const auto* large = value.if_uint64()) return static_cast<long double>(*large);
    return value.as_double();
}

constexpr int array_rank = 4;

int rank_of(const json::value& value) {
    switch (value.kind()) {
    case json::kind::null: return 0;
    case json::kind::string: return 1;
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_: return 2;
    case json::kind::bool_: return 3;
    case json::kind::array: return array_rank;
    case json::kind::object: return 5;
    }
    std::abort();
}

int compare_values(const json::value& a, const json::value& b);

int compare_arrays(const json::array& a, const json::array& b) {
    if (a.size() != b.size()) return sign_of(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (const auto order = compare_values(a[i], b[i]); order != 0) return order;
    }
    return 0;
}

/// In the order that jsonb keeps members in.
std::vector<const json::key_value_pair*> members_of(const json::object& object) {
    std::vector<const json::key_value_pair*> out;
    for (const auto& member : object) out.push_back(&member);
    std::ranges::sort(out, [](const auto* a, const auto* b) {
        return a->key().size() != b->key().size() ? a->key().size() < b->key().size()
                                                  : a->key() < b->key();
    });
    return out;
}

int compare_objects(const json::object& a, const json::object& b) {
    if (a.size() != b.size()) return sign_of(a.size(), b.size());
    const auto as = members_of(a);
    const auto bs = members_of(b);
    for (std::size_t i = 0; i < as.size(); ++i) {
        if (const auto order = compare_text(as[i]->key(), bs[i]->key()); order != 0) return order;
        if (const auto order = compare_values(as[i]->value(), bs[i]->value()); order != 0)
            return order;
    }
    return 0;
}

int compare_values(const json::value& a, const json::value& b) {
    if (rank_of(a) != rank_of(b)) return sign_of(rank_of(a), rank_of(b));
    switch (a.kind()) {
    case json::kind::null: return 0;
    case json::kind::string: return compare_text(a.get_string(), b.get_string());
    case json::kind::bool_: return sign_of(a.get_bool() ? 1 : 0, b.get_bool() ? 1 : 0);
    case json::kind::array: return compare_arrays(a.get_array(), b.get_array());
    case json::kind::object: return compare_objects(a.get_object(), b.get_object());
    default: return sign_of(number_of(a), number_of(b));
    }
}

void add_strings(std::vector<std::string_view>& out, const json::value& value) {
    if (const auto* text = value.if_string()) {
        out.push_back(*text);
    } else if (const auto* array = value.if_array()) {
        for (const auto& each : *array) add_strings(out, each);
    } else if (const auto* object = value.if_object()) {
        for (const auto* member : members_of(*object)) add_strings(out, member->value());
    }
}

bool array_holds(const json::array& a, const json::array& b) {
    return std::ranges::all_of(b, [&](const json::value& wanted) {
        return std::ranges::any_of(a, [&](const json::value& each) {
            return rank_of(each) == rank_of(wanted) && json_holds(each, wanted);
        });
    });
}

bool object_holds(const json::object& a, const json::object& b) {
    return std::ranges::all_of(b, [&](const json::key_value_pair& wanted) {
        const auto* own = a.if_contains(wanted.key());
        return own != nullptr && rank_of(*own) == rank_of(wanted.value()) &&
               json_holds(*own, wanted.value());
    });
}

const json::value* step_into(const json::value& json, const std::string& step) {
    if (const auto* object = json.if_object()) return object->if_contains(step);
    const auto* array = json.if_array();
    if (array == nullptr) return nullptr;
    std::int64_t index = 0;
    const auto* end = step.data() + step.size();
    const auto [stop, error] = std::from_chars(step.data(), end, index);
    if (error != std::errc{} || stop != end) return nullptr;
    const auto size = static_cast<std::int64_t>(array->size());
    if (index < 0) index += size;
    if (index < 0 || index >= size) return nullptr;
    return &(*array)[static_cast<std::size_t>(index)];
}

}  // namespace

const json::value* find_in(const json::value& json, std::span<const std::string> steps) {
    const auto* at = &json;
    for (const auto& step : steps) {
        at = step_into(*at, step);
        if (at == nullptr) break;
    }
    return at;
}

std::string text_of(const json::value& json) {
    if (const auto* text = json.if_string()) return std::string{*text};
    std::string canonical;
    append_json(canonical, json);
    std::string out;
    append_jsonb_text(out, canonical);
    return out;
}

int compare_json(const json::value& a, const json::value& b) {
    // A document that is a scalar is to jsonb an array of one, which an empty array comes before.
    const auto is_empty = [](const json::value& v) {
        return v.is_array() && v.get_array().empty();
    };
    if (is_empty(a) && rank_of(b) < array_rank) return -1;
    if (is_empty(b) && rank_of(a) < array_rank) return 1;
    return compare_values(a, b);
}

std::vector<std::string_view> strings_in(const json::value& json) {
    std::vector<std::string_view> out;
    add_strings(out, json);
    return out;
}

bool json_holds(const json::value& a, const json::value& b) {
    if (const auto* array = a.if_array()) {
        // An array also contains what isn't one, if that is an element.
        if (const auto* wanted = b.if_array()) return array_holds(*array, *wanted);
        const auto is_same = [&](const json::value& each) { return compare_json(each, b) == 0; };
        return !b.is_object() && std::ranges::any_of(*array, is_same);
    }
    const auto* object = a.if_object();
    const auto* wanted = b.if_object();
    if (object != nullptr && wanted != nullptr) return object_holds(*object, *wanted);
    return compare_json(a, b) == 0;
}

}  // namespace tenantry::schema
