// How the document is put together: each route becomes an operation, whose parameters come from the
// route, whose schemas come from the catalog, and whose refusals come from what kind of route it
// is.

#include "openapi.hpp"

#include "http/problem.hpp"
#include "operator_routes.hpp"
#include "resources.hpp"
#include "schema/lead_schema.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

namespace tenantry::http {
namespace {

namespace json = boost::json;
using schema::Catalog;

constexpr std::string_view description =
    "Leads and what belongs to them, for one tenant: the one that the request's token names. HEAD "
    "goes wherever GET does. Times are RFC 3339, answered in UTC. Lengths are counted in bytes.";

json::object reference(std::string_view kind, std::string_view name) {
    return {{"$ref", fmt::format("#/components/{}/{}", kind, name)}};
}

json::object content(std::string_view media, json::object schema) {
    json::object type{{"schema", std::move(schema)}};
    json::object types;
    types[media] = std::move(type);
    return types;
}

json::object json_content(std::string_view schema_name) {
    return content("application/json", reference("schemas", schema_name));
}

std::string words_of(Status status) {
    return std::string{std::string_view{boost::beast::http::obsolete_reason(status)}};
}

/// `Payload Too Large` as `PayloadTooLarge`.
std::string response_name(Status status) {
    auto name = words_of(status);
    std::erase_if(name, [](char c) { return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')); });
    return name;
}

/// Writes to a row that there is can be made conditional on its state, new rows be made once.
bool heeds_if_match(const Operation& operation) {
    const auto takes = operation.takes.kind;
    return takes == Takes::Kind::replacement || takes == Takes::Kind::changes ||
           (operation.method == Method::delete_ && operation.pattern.starts_with("/api/"));
}
bool heeds_key(const Operation& operation) { return operation.gives.kind == Gives::Kind::created; }

class Document {
public:
    Document(std::span<const ServedRoute> routes, const Catalog& catalog)
        : routes_{routes}, catalog_{catalog} {}

    json::object make();

private:
    void add(const ServedRoute& route, const Operation& operation);
    json::array parameters_of(const ServedRoute& route, const Operation& operation);
    json::object body_of(const Takes& takes, bool required);
    json::object answer_of(const Gives& gives);
    json::object responses_of(const ServedRoute& route, const Operation& operation);
    json::object row_answer(const Gives& gives);
    json::object response_component(Status status) const;
    json::object components();
    const std::string& schema(const std::string& name, json::object&& text);
    std::string input_of(const Takes& takes);

    std::span<const ServedRoute> routes_;
    const Catalog& catalog_;
    json::object paths_;
    json::array tags_;
    std::set<std::string_view> known_tags_;
    std::map<std::string, json::object> schemas_;
    std::set<Status> refusals_;
};

const std::string& Document::schema(const std::string& name, json::object&& text) {
    return schemas_.try_emplace(name, std::move(text)).first->first;
}

std::string prefix_of(Takes::Kind kind) {
    return kind == Takes::Kind::new_row ? "New" : std::string{};
}
std::string suffix_of(Takes::Kind kind) {
    switch (kind) {
    case Takes::Kind::replacement: return "Replacement";
    case Takes::Kind::changes: return "Changes";
    default: return {};
    }
}

std::string Document::input_of(const Takes& takes) {
    const auto& relation = catalog_.relation(takes.name);
    const auto name =
        prefix_of(takes.kind) + openapi::schema_name(takes.name) + suffix_of(takes.kind);
    return schema(name, openapi::input_schema(relation, takes.kind));
}

/// Empty where there is no body.
json::object Document::body_of(const Takes& takes, bool required) {
    json::object types;
    switch (takes.kind) {
    case Takes::Kind::nothing: return {};
    case Takes::Kind::new_row:
    case Takes::Kind::replacement:
    case Takes::Kind::changes: types = json_content(input_of(takes)); break;
    case Takes::Kind::object: types = json_content(takes.name); break;
    case Takes::Kind::leads_csv: types = content("text/csv", {{"type", "string"}}); break;
    }
    return {{"required", required}, {"content", std::move(types)}};
}

json::object Document::row_answer(const Gives& gives) {
    const auto& relation = catalog_.relation(gives.name);
    const auto row = openapi::schema_name(gives.name);
    schema(row, openapi::row_schema(relation));
    if (gives.kind != Gives::Kind::page) return json_content(row);
    const auto member = gives.member.empty() ? gives.name : gives.member;
    return json_content(schema(row + "Page", openapi::page_schema(relation, member)));
}

json::object Document::answer_of(const Gives& gives) {
    json::object answer{{"description", "Done."}};
    switch (gives.kind) {
    case Gives::Kind::nothing:
    case Gives::Kind::accepted: break;
    case Gives::Kind::row:
    case Gives::Kind::created:
    case Gives::Kind::page: answer["content"] = row_answer(gives); break;
    case Gives::Kind::made:
    case Gives::Kind::removed:
    case Gives::Kind::object: answer["content"] = json_content(gives.name); break;
    case Gives::Kind::document:
        answer["content"] = content("application/json", {{"type", "object"}});
        break;
    case Gives::Kind::text: answer["content"] = content("text/plain", {{"type", "string"}}); break;
    case Gives::Kind::event_stream:
        answer["content"] = content(
            "text/event-stream",
            {{"type", "string"},
             {"description", "Events without a name; the data of each is one change, as JSON."}});
        break;
    case Gives::Kind::leads_file: {
        auto types = content("text/csv", {{"type", "string"}});
        types["application/x-ndjson"] = json::object{
            {"schema", {{"type", "string"}, {"description", "One lead a line, as JSON."}}}};
        answer["content"] = std::move(types);
        break;
    }
    }
    return answer;
}

Status answer_status(const Gives& gives) {
    switch (gives.kind) {
    case Gives::Kind::created:
    case Gives::Kind::made: return Status::created;
    case Gives::Kind::nothing: return Status::no_content;
    case Gives::Kind::accepted: return Status::accepted;
    default: return Status::ok;
    }
}

/// What can be the matter with any request of the route's kind.
std::set<Status> refusals_of(const ServedRoute& route, const Operation& operation) {
    std::set<Status> statuses{
        Status::bad_request,           Status::request_timeout,
        Status::uri_too_long,          Status::request_header_fields_too_large,
        Status::internal_server_error, Status::service_unavailable};
    if (route.caller != Caller::anyone) statuses.insert({Status::unauthorized, Status::forbidden});
    if (route.caller == Caller::tenant) statuses.insert(Status::too_many_requests);
    if (route.pattern.find('{') != std::string_view::npos) statuses.insert(Status::not_found);
    if (route.method != Method::get) statuses.insert(Status::insufficient_storage);
    const auto takes = operation.takes.kind;
    if (takes != Takes::Kind::nothing) {
        statuses.insert({Status::payload_too_large, Status::unsupported_media_type,
                         Status::expectation_failed});
    }
    if (takes == Takes::Kind::new_row || takes == Takes::Kind::replacement ||
        takes == Takes::Kind::changes) {
        statuses.insert({Status::conflict, Status::unprocessable_entity});
    }
    if (heeds_if_match(operation)) statuses.insert(Status::precondition_failed);
    if (heeds_key(operation)) statuses.insert({Status::conflict, Status::unprocessable_entity});
    for (const auto code : operation.refusals) statuses.insert(status_of(code));
    return statuses;
}

json::object headers_of(const Gives& gives) {
    const json::object text{{"required", true}, {"schema", {{"type", "string"}}}};
    json::object headers;
    if (gives.kind == Gives::Kind::row || gives.kind == Gives::Kind::created)
        headers["ETag"] = text;
    if (gives.kind == Gives::Kind::created || gives.kind == Gives::Kind::made)
        headers["Location"] = text;
    return headers;
}

json::object Document::responses_of(const ServedRoute& route, const Operation& operation) {
    json::object responses;
    auto answer = answer_of(operation.gives);
    if (auto headers = headers_of(operation.gives); !headers.empty())
        answer["headers"] = std::move(headers);
    responses[fmt::to_string(static_cast<unsigned>(answer_status(operation.gives)))] =
        std::move(answer);
    if (operation.gives.kind == Gives::Kind::document)
        responses["304"] = json::object{{"description", "It is what If-None-Match names."}};
    if (operation.gives.kind == Gives::Kind::removed) {
        responses["202"] =
            json::object{{"description", "It goes on; the receipt is to be had later."},
                         {"content", json_content("RemovalUnderWay")}};
    }
    for (const auto status : refusals_of(route, operation)) {
        refusals_.insert(status);
        responses[fmt::to_string(static_cast<unsigned>(status))] =
            reference("responses", response_name(status));
    }
    return responses;
}

json::array Document::parameters_of(const ServedRoute& route, const Operation& operation) {
    json::array parameters;
    auto rest = route.pattern;
    for (auto open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
        const auto close = rest.find('}', open);
        const auto name = rest.substr(open + 1, close - open - 1);
        json::object schema{{"type", "string"}};
        if (route.pattern.starts_with("/api/")) schema["format"] = "uuid";
        parameters.push_back(json::object{
            {"name", name}, {"in", "path"}, {"required", true}, {"schema", std::move(schema)}});
        rest.remove_prefix(close);
    }
    const bool lists = operation.gives.kind == Gives::Kind::page ||
                       operation.gives.kind == Gives::Kind::leads_file;
    const auto* listed = lists ? &catalog_.relation(operation.gives.name) : nullptr;
    for (const auto name : route.parameters)
        parameters.push_back(openapi::query_parameter(name, listed));
    if (heeds_if_match(operation)) parameters.push_back(openapi::header_parameter("If-Match"));
    if (heeds_key(operation)) parameters.push_back(openapi::header_parameter("Idempotency-Key"));
    if (route.caller == Caller::tenant) parameters.push_back(reference("parameters", "Tenant"));
    return parameters;
}

std::string lower_name_of(Method method) {
    std::string name{name_of(method)};
    for (auto& c : name) c = static_cast<char>(c - 'A' + 'a');
    return name;
}

void Document::add(const ServedRoute& route, const Operation& operation) {
    json::object out{{"operationId", operation.id},
                     {"tags", json::array{operation.tag}},
                     {"summary", operation.summary}};
    if (known_tags_.insert(operation.tag).second)
        tags_.push_back(json::object{{"name", operation.tag}});
    switch (route.caller) {
    case Caller::anyone: out["security"] = json::array{}; break;
    case Caller::tenant:
        out["description"] =
            fmt::format("Takes the role {} or a stronger one.", name_of(route.role));
        break;
    case Caller::operators: {
        out["description"] = "For operators.";
        json::object key{{"operatorKey", json::array{}}};
        out["security"] = json::array{std::move(key)};
        break;
    }
    }
    if (auto parameters = parameters_of(route, operation); !parameters.empty())
        out["parameters"] = std::move(parameters);
    if (auto body = body_of(operation.takes, !route.body_optional); !body.empty())
        out["requestBody"] = std::move(body);
    out["responses"] = responses_of(route, operation);
    auto& path = paths_[route.pattern];
    if (!path.is_object()) path.emplace_object();
    path.as_object()[lower_name_of(route.method)] = std::move(out);
}

/// The refusals of one status, with the codes that have it.
json::object Document::response_component(Status status) const {
    std::string codes;
    for (int i = 0; i <= static_cast<int>(Errc::bad_configuration); ++i) {
        const auto code = static_cast<Errc>(i);
        if (http::status_of(code) != status || code == Errc::bad_configuration) continue;
        if (!codes.empty()) codes += ", ";
        codes += code_of(code);
    }
    if (status == Status::request_timeout) codes = code_of(Errc::deadline_exceeded);
    if (status == Status::uri_too_long) codes = code_of(Errc::headers_too_large);
    if (status == Status::expectation_failed) codes = code_of(Errc::bad_request);
    if (status == Status::internal_server_error) codes = "internal_error";
    auto types = json_content("Problem");
    types["application/problem+json"] =
        json::object{{"schema", reference("schemas", "ProblemDetails")}};
    json::object response{{"description", fmt::format("{}; codes: {}", words_of(status), codes)},
                          {"content", std::move(types)}};
    const auto with_header = [&](std::string_view name, std::string_view type) {
        json::object headers;
        headers[name] = json::object{{"schema", {{"type", type}}}};
        response["headers"] = std::move(headers);
    };
    if (status == Status::unauthorized) with_header("WWW-Authenticate", "string");
    if (status == Status::too_many_requests || status == Status::service_unavailable)
        with_header("Retry-After", "integer");
    return response;
}

json::object Document::components() {
    json::object schemas;
    for (auto& [name, text] : schemas_) schemas[name] = std::move(text);
    for (const auto name : openapi::schema_names()) schemas[name] = openapi::named_schema(name);
    json::object responses;
    for (const auto status : refusals_)
        responses[response_name(status)] = response_component(status);
    json::object tenant{{"name", "x-tenant-id"},
                        {"in", "header"},
                        {"description",
                         "Chooses among the tenants that the user of a token without tenant is a "
                         "member of; it never grants anything."},
                        {"schema", {{"type", "string"}, {"maxLength", 255}}}};
    json::object token{{"type", "http"},
                       {"scheme", "bearer"},
                       {"description", "A JWT, or a key of a tenant (tnk_\u2026)."}};
    json::object key{{"type", "http"},
                     {"scheme", "bearer"},
                     {"description", "A key of an operator (tno_\u2026)."}};
    return {{"schemas", std::move(schemas)},
            {"responses", std::move(responses)},
            {"parameters", {{"Tenant", std::move(tenant)}}},
            {"securitySchemes", {{"token", std::move(token)}, {"operatorKey", std::move(key)}}}};
}

json::object Document::make() {
    for (const auto& route : routes_) {
        const auto* operation = operation_of(route.method, route.pattern);
        if (operation == nullptr) std::abort();
        add(route, *operation);
    }
    json::object info{
        {"title", "Tenantry"}, {"version", TENANTRY_VERSION}, {"description", description}};
    json::object server{{"url", "/"}};
    json::object security{{"token", json::array{}}};
    json::object document{{"openapi", "3.1.0"}, {"info", std::move(info)}};
    document["servers"] = json::array{std::move(server)};
    document["security"] = json::array{std::move(security)};
    document["tags"] = std::move(tags_);
    document["paths"] = std::move(paths_);
    document["components"] = components();
    return document;
}

/// The document as it is sent.
struct Published {
    std::string text;
    std::string etag;
};

/// FNV-1a: nobody gains from a collision, and it is the same in every process.
std::string etag_of(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3U;
    }
    return fmt::format("\"{:016x}\"", hash);
}

const Published& published() {
    static const Published all = [] {
        auto text = json::serialize(make_openapi(served_routes(), schema::lead_catalog()));
        auto etag = etag_of(text);
        return Published{std::move(text), std::move(etag)};
    }();
    return all;
}

Caller caller_of(const Route& route) {
    if (route.open == nullptr) return Caller::tenant;
    return route.for_operators ? Caller::operators : Caller::anyone;
}

}  // namespace

std::vector<ServedRoute> served_routes() {
    std::vector<ServedRoute> served;
    for (const auto& route : all_routes()) {
        if (route.undescribed) continue;
        served.push_back({route.method, route.pattern, route.parameters, route.body_optional,
                          caller_of(route), route.role});
    }
    for (const auto& route : all_operator_routes()) {
        served.push_back({.method = route.method,
                          .pattern = route.pattern,
                          .parameters = route.parameters,
                          .caller = Caller::operators});
    }
    return served;
}

json::object make_openapi(std::span<const ServedRoute> routes, const Catalog& catalog) {
    return Document{routes, catalog}.make();
}

Response published_document(const Request& request) {
    const auto& [text, etag] = published();
    // May be kept, but is asked for again each time, which costs no more than a 304.
    Response response{.cache_control = "no-cache"};
    add_header(response, "etag", etag);
    // The tag stands in quotes, so it can't be part of another one; W/ in front changes nothing
    // (RFC 9110 §13.1.2).
    const bool known =
        request.if_none_match == "*" || request.if_none_match.find(etag) != std::string::npos;
    if (known) {
        response.status = Status::not_modified;
    } else {
        response.body = text;
    }
    return response;
}

OpenAnswer openapi_document(App&, const Request& request, engine::Deadline) {
    co_return published_document(request);
}

}  // namespace tenantry::http
