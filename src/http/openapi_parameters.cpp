// What the document says of parameters. One that is a column of what a list holds needs no words
// here; any other does.

#include "openapi.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace tenantry::http::openapi {
namespace {

namespace json = boost::json;
using schema::Column;
using schema::ColumnType;
using schema::Relation;

struct ParameterText {
    std::string_view name;
    std::string_view description;
    std::string_view schema;
};

constexpr auto query_parameters = std::to_array<ParameterText>({
    {"limit", "Rows a page.", R"({"type":"integer","minimum":1,"maximum":1000,"default":50})"},
    {"offset", "Rows to skip; not together with `after`.",
     R"({"type":"integer","minimum":0,"maximum":10000000,"default":0})"},
    {"after", "The `next` of the page before.", R"({"type":"string"})"},
    {"search",
     "These letters, in any case, within first or last name, email, phone, property address or "
     "city.",
     R"({"type":"string"})"},
    {"format", "What the file is.", R"({"type":"string","enum":["csv","ndjson"],"default":"csv"})"},
    {"tenant", "Entries about this tenant.", R"({"type":"string","maxLength":255})"},
    {"before", "The `next` of the page before.", R"({"type":"string","pattern":"^[0-9]+$"})"},
    {"timeframe", "Whole days in UTC, today being the last: 1, 7 or 30.",
     R"({"type":"string","enum":["day","week","month"],"default":"week"})"},
    {"since", "The `next` of an answer before, or 0 for the beginning; without it, from now on.",
     R"({"type":"string"})"},
    {"relations", "Only changes of these, commas between them.", R"({"type":"string"})"},
    {"ops", "Only changes of these kinds: insert, update, delete, commas between them.",
     R"({"type":"string"})"},
    {"filter",
     "Only changes of rows that pass: `column=operator.value`, and more after commas. It takes one "
     "relation in `relations`.",
     R"({"type":"string"})"},
    {"wait", "Seconds to wait for a change if there is none yet.",
     R"({"type":"integer","minimum":0,"maximum":60,"default":0})"},
    {"access_token", "The token, for clients that can't send Authorization.",
     R"({"type":"string"})"},
    {"dry_run", "Do everything but write.", R"({"type":"boolean","default":false})"},
    {"country_code", "Calling code of phone numbers without one.",
     R"({"type":"string","pattern":"^\\+?[0-9]{1,3}$","default":"1"})"},
    {"map",
     "HEADER=COLUMN: which column of leads (or metadata.KEY, or - for none) a header of the file "
     "fills.",
     R"({"type":"array","items":{"type":"string"}})"},
});

constexpr auto header_parameters = std::to_array<ParameterText>({
    {"If-Match", "The ETag of the row as it was read: write only to that state of it.",
     R"({"type":"string"})"},
    {"Idempotency-Key",
     "A name for this request: sent again under it within a day, it is answered as it was and does "
     "not happen again.",
     R"({"type":"string","minLength":1,"maxLength":255})"},
});

json::object parameter(std::string_view in, std::string_view name, std::string_view description,
                       json::object schema) {
    json::object out{{"name", name}, {"in", in}};
    if (!description.empty()) out["description"] = description;
    out["schema"] = std::move(schema);
    return out;
}

json::object parameter(std::string_view in, const ParameterText& text) {
    auto schema = json::parse(text.schema).as_object();
    const bool repeated = schema.contains("items");
    auto out = parameter(in, text.name, text.description, std::move(schema));
    if (repeated) {
        out["style"] = "form";
        out["explode"] = true;
    }
    return out;
}

bool sortable(const Relation& relation, const Column& column) {
    return &column != &relation.tenant_id() && column.type() != ColumnType::json &&
           column.type() != ColumnType::text_array && column.type() != ColumnType::sealed;
}

json::object sort_parameter(const Relation& relation) {
    json::array terms;
    for (const auto& column : relation.columns()) {
        if (!sortable(relation, column)) continue;
        terms.emplace_back(column.name());
        terms.emplace_back("-" + column.name());
    }
    return parameter("query", "sort", "A field, `-` in front for descending.",
                     {{"type", "string"}, {"enum", std::move(terms)}, {"default", "-created_at"}});
}

[[noreturn]] void nothing_known_of(std::string_view name) {
    std::fprintf(stderr, "openapi_parameters.cpp says nothing of the parameter %.*s\n",
                 static_cast<int>(name.size()), name.data());
    std::abort();
}

}  // namespace

json::object query_parameter(std::string_view name, const Relation* listed) {
    const auto* column = listed == nullptr ? nullptr : listed->find(name);
    if (column != nullptr)
        return parameter("query", name, "Exactly this value.", plain_schema_of(*column));
    if (name == "sort" && listed != nullptr) return sort_parameter(*listed);
    const auto found = std::ranges::find(query_parameters, name, &ParameterText::name);
    if (found == query_parameters.end()) nothing_known_of(name);
    return parameter("query", *found);
}

json::object header_parameter(std::string_view name) {
    const auto found = std::ranges::find(header_parameters, name, &ParameterText::name);
    if (found == header_parameters.end()) nothing_known_of(name);
    return parameter("header", *found);
}

}  // namespace tenantry::http::openapi
