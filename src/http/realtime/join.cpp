#include "join.hpp"

#include "base/text.hpp"
#include "schema/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <fmt/format.h>

namespace tenantry::http::realtime {
namespace {

namespace json = boost::json;

constexpr std::size_t presence_key_bytes_max = 255;
constexpr std::size_t filter_bytes_max = 8UL * 1024;
constexpr std::size_t since_bytes_max = 64;

Error malformed(std::string_view what) {
    return fail(Errc::bad_request, fmt::format("the join has a wrong form: {}", what));
}

/// Null counts as absent.
const json::value* member(const json::object* object, std::string_view name) {
    const auto* value = object == nullptr ? nullptr : object->if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
}
const json::object* object_in(const json::object* object, std::string_view name) {
    const auto* value = member(object, name);
    return value == nullptr ? nullptr : value->if_object();
}

bool flag(const json::object* object, std::string_view name, bool otherwise) {
    const auto* value = member(object, name);
    if (value == nullptr) return otherwise;
    if (value->is_bool()) return value->get_bool();
    if (!value->is_string()) return otherwise;
    const std::string_view text{value->get_string()};
    if (equals_ignoring_case(text, "true")) return true;
    return equals_ignoring_case(text, "false") ? false : otherwise;
}

Result<std::optional<std::string>> text_of(const json::object& object, std::string_view name,
                                           std::size_t bytes_max) {
    const auto* value = member(&object, name);
    if (value == nullptr) return std::optional<std::string>{};
    if (!value->is_string() || value->get_string().size() > bytes_max)
        return malformed(fmt::format("`{}` is a text of at most {} bytes", name, bytes_max));
    return std::optional<std::string>{value->get_string()};
}

Result<std::vector<std::string>> selection(const json::object& object) {
    std::vector<std::string> columns;
    const auto* value = member(&object, "select");
    if (value == nullptr) return columns;
    const auto* array = value->if_array();
    if (array == nullptr) return malformed("`select` is a list of columns");
    for (const auto& column : *array) {
        if (!column.is_string()) return malformed("`select` is a list of columns");
        columns.emplace_back(column.get_string());
    }
    return columns;
}

/// What the client compares the answer by.
std::string echoed(const json::object& object) {
    std::string out;
    for (const std::string_view name : {"event", "schema", "table", "filter", "select"}) {
        const auto* value = object.if_contains(name);
        if (value == nullptr) continue;
        if (!out.empty()) out += ',';
        append_json_string(out, name);
        out += ':';
        schema::append_json(out, *value);
    }
    return out;
}

Result<BindingRequest> parse_binding(const json::object& object) {
    constexpr std::size_t name_bytes_max = 255;
    TENANTRY_TRY(event, text_of(object, "event", name_bytes_max));
    TENANTRY_TRY(schema, text_of(object, "schema", name_bytes_max));
    TENANTRY_TRY(table, text_of(object, "table", name_bytes_max));
    TENANTRY_TRY(filter, text_of(object, "filter", filter_bytes_max));
    TENANTRY_TRY(select, selection(object));
    return BindingRequest{.event = event.value_or("*"),
                          .schema = schema.value_or(""),
                          .table = std::move(table),
                          .filter = std::move(filter),
                          .select = std::move(select),
                          .members = echoed(object)};
}

Result<std::vector<BindingRequest>> parse_bindings(const json::object* config,
                                                   std::size_t bindings_max) {
    std::vector<BindingRequest> bindings;
    const auto* value = member(config, "postgres_changes");
    if (value == nullptr) return bindings;
    const auto* array = value->if_array();
    if (array == nullptr) return malformed("`postgres_changes` is a list");
    for (const auto& entry : *array) {
        if (entry.is_null()) continue;
        const auto* object = entry.if_object();
        if (object == nullptr) return malformed("`postgres_changes` is a list of objects");
        if (bindings.size() == bindings_max) {
            return fail(Errc::out_of_range,
                        fmt::format("a channel has at most {} postgres_changes", bindings_max));
        }
        TENANTRY_TRY(binding, parse_binding(*object));
        bindings.push_back(std::move(binding));
    }
    return bindings;
}

Result<std::optional<std::string>> parse_since(std::initializer_list<const json::object*> places) {
    for (const auto* place : places) {
        const auto* value = member(place, "since");
        if (value == nullptr) continue;
        if (value->is_int64()) return std::optional{fmt::to_string(value->get_int64())};
        if (value->is_string() && value->get_string().size() <= since_bytes_max)
            return std::optional<std::string>{value->get_string()};
        return malformed("`since` is a cursor or a whole number");
    }
    return std::optional<std::string>{};
}

}  // namespace

std::optional<std::string> access_token_of(const json::value& payload) {
    const auto* value = member(payload.if_object(), "access_token");
    if (value == nullptr || !value->is_string()) return std::nullopt;
    const std::string_view token{value->get_string()};
    if (token.empty() || token.starts_with("sb_")) return std::nullopt;
    return std::string{token};
}

Result<JoinRequest> JoinRequest::parse(const json::value& payload, std::size_t bindings_max) {
    const auto* whole = payload.if_object();
    const auto* config = object_in(whole, "config");
    const auto* broadcast = object_in(config, "broadcast");
    const auto* presence = object_in(config, "presence");
    const auto* options = object_in(config, "postgres_changes_options");
    TENANTRY_TRY(bindings, parse_bindings(config, bindings_max));
    TENANTRY_TRY(since, parse_since({whole, config, options}));
    JoinRequest join{.ack = flag(broadcast, "ack", false),
                     .self = flag(broadcast, "self", false),
                     .presence = flag(presence, "enabled", true),
                     .wait = flag(options, "wait", false),
                     .bindings = std::move(bindings),
                     .since = std::move(since),
                     .access_token = access_token_of(payload)};
    if (presence != nullptr) {
        TENANTRY_TRY(key, text_of(*presence, "key", presence_key_bytes_max));
        join.presence_key = key.value_or("");
    }
    return join;
}

}  // namespace tenantry::http::realtime
