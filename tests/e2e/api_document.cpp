#include "api_document.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace tenantry::e2e {
namespace {

namespace json = boost::json;

std::string text_of(const json::value& value) { return std::string{value.as_string()}; }

[[noreturn]] void give_up(std::string_view what, const json::value& about) {
    throw std::runtime_error{
        fmt::format("the test doesn't know {}: {}", what, json::serialize(about))};
}

std::string type_of(const json::object& schema) {
    const auto* type = schema.if_contains("type");
    if (type == nullptr) return "any";
    if (const auto* several = type->if_array()) return text_of(several->at(0));
    return text_of(*type);
}

std::string string_of(const json::object& schema, int serial) {
    const auto* format = schema.if_contains("format");
    const auto form = format == nullptr ? std::string{} : text_of(*format);
    if (form == "email") return fmt::format("s{}@example.com", serial);
    if (form == "uri") return fmt::format("https://s{}.invalid/", serial);
    if (form == "date-time") return fmt::format("2026-01-02T03:04:{:02}Z", serial % 60);
    if (!form.empty() && form != "uuid") give_up("the format", schema);
    const auto text = fmt::format("s{}", serial);
    const auto* most = schema.if_contains("maxLength");
    return most == nullptr ? text : text.substr(0, most->to_number<std::size_t>());
}

ApiOperation::Caller caller_of(const json::object& operation) {
    const auto* security = operation.if_contains("security");
    if (security == nullptr) return ApiOperation::Caller::tenant;
    if (security->as_array().empty()) return ApiOperation::Caller::anyone;
    const bool tenant = std::ranges::any_of(security->as_array(), [](const json::value& choice) {
        return choice.as_object().contains("token");
    });
    return tenant ? ApiOperation::Caller::tenant : ApiOperation::Caller::others;
}

}  // namespace

std::string ApiOperation::collection() const { return path.substr(0, path.find("/{")); }

// Braces would make it an array of one.
ApiDocument::ApiDocument(std::string_view text) : document_(json::parse(text)) {
    for (const auto& [path, methods] : document_.at("paths").as_object()) {
        for (const auto& [method, operation] : methods.as_object())
            operations_.push_back(read(path, method, operation.as_object()));
    }
    for (const auto& operation : operations_) {
        if (!operation.created.empty() && operation.path == operation.collection())
            held_[operation.path] = operation.created;
    }
}

const std::string& ApiDocument::held_at(const std::string& path) const {
    const auto found = held_.find(path);
    if (found == held_.end()) give_up("whose ids stand in the path", json::value(path));
    return found->second;
}

const json::object& ApiDocument::resolved(const json::object& schema) const {
    const auto* reference = schema.if_contains("$ref");
    if (reference == nullptr) return schema;
    return resolved(document_.at_pointer(text_of(*reference).substr(1)).as_object());
}

ApiOperation ApiDocument::read(const std::string& path, const std::string& method,
                               const json::object& text) const {
    ApiOperation operation{.method = method, .path = path, .id = text_of(text.at("operationId"))};
    for (auto& c : operation.method) c = static_cast<char>(std::toupper(c));
    operation.caller = caller_of(text);
    if (const auto* parameters = text.if_contains("parameters")) {
        for (const auto& parameter : parameters->as_array()) {
            const auto& about = resolved(parameter.as_object());
            operation.parameters.push_back({text_of(about.at("in")), text_of(about.at("name")),
                                            resolved(about.at("schema").as_object())});
        }
    }
    if (const auto* body = text.if_contains("requestBody")) {
        const auto& content = body->at("content").as_object();
        if (content.size() != 1) give_up("which of the bodies to send", content);
        operation.media = std::string{content.begin()->key()};
        operation.body = resolved(content.begin()->value().at("schema").as_object());
    }
    const auto& responses = text.at("responses").as_object();
    if (const auto* created = responses.if_contains("201")) {
        const auto name = text_of(created->at_pointer("/content/application~1json/schema/$ref"));
        operation.created = name.substr(name.rfind('/') + 1);
    }
    operation.listed = std::ranges::any_of(operation.parameters,
                                           [](const ApiParameter& p) { return p.name == "after"; });
    return operation;
}

json::value ApiDocument::value_of(const json::object& schema, const Reference& reference,
                                  int serial) const {
    const auto& about = resolved(schema);
    if (const auto* allowed = about.if_contains("enum")) return allowed->as_array().at(0);
    if (const auto* examples = about.if_contains("examples")) return examples->as_array().at(0);
    if (const auto* target = about.if_contains("x-references")) {
        const auto id = reference(text_of(*target));
        return id.empty() ? json::value{} : json::value(id);
    }
    const auto type = type_of(about);
    if (type == "string") return json::value(string_of(about, serial));
    if (type == "integer" || type == "number") {
        const auto* least = about.if_contains("minimum");
        return least == nullptr ? json::value(1) : *least;
    }
    if (type == "boolean") return json::value(true);
    if (type == "any") return json::object{{"n", serial}};
    if (type == "object") return object_of(about, true, reference, serial);
    if (type == "array")
        return json::array{value_of(about.at("items").as_object(), reference, serial)};
    give_up("a value of", about);
}

json::object ApiDocument::object_of(const json::object& schema, bool all,
                                    const Reference& reference, int serial) const {
    const auto& about = resolved(schema);
    std::set<std::string> required;
    if (const auto* names = about.if_contains("required")) {
        for (const auto& name : names->as_array()) required.insert(text_of(name));
    }
    json::object object;
    const auto* properties = about.if_contains("properties");
    if (properties == nullptr) return object;
    for (const auto& [name, property] : properties->as_object()) {
        if (name == "tenant_id" || (!all && !required.contains(name))) continue;
        if (property.as_object().contains("writeOnly")) continue;
        object[name] = value_of(property.as_object(), reference, serial);
    }
    return object;
}

void collect_strings(const json::value& value, std::set<std::string>& into) {
    if (const auto* text = value.if_string()) into.emplace(*text);
    if (const auto* array = value.if_array()) {
        for (const auto& element : *array) collect_strings(element, into);
    }
    if (const auto* object = value.if_object()) {
        for (const auto& [name, member] : *object) collect_strings(member, into);
    }
}

}  // namespace tenantry::e2e
