#include "openapi.hpp"

#include "http/problem.hpp"
#include "schema/lead_schema.hpp"

#include <gtest/gtest.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <set>

namespace tenantry::http {
namespace {

namespace json = boost::json;

const json::object& document() {
    static const auto made = make_openapi(served_routes(), schema::lead_catalog());
    return made;
}

const json::value& at(std::string_view pointer) {
    static const json::value whole = document();
    return whole.at_pointer(pointer);
}

const Operation& operation(const ServedRoute& route) {
    return *operation_of(route.method, route.pattern);
}

TEST(OpenApi, EveryRouteIsAnOperationAndNothingElseIs) {
    std::set<std::string> expected;
    for (const auto& route : served_routes()) {
        auto method = std::string{name_of(route.method)};
        for (auto& c : method) c = static_cast<char>(std::tolower(c));
        expected.insert(method + " " + std::string{route.pattern});
    }
    std::set<std::string> found;
    for (const auto& [path, methods] : document().at("paths").as_object()) {
        for (const auto& [method, ignored] : methods.as_object())
            found.insert(std::string{method} + " " + std::string{path});
    }
    EXPECT_EQ(found, expected);
}

TEST(OpenApi, OperationIdsAreUniqueAndSummariesThere) {
    std::set<std::string_view> ids;
    for (const auto& route : served_routes()) {
        const auto& about = operation(route);
        EXPECT_TRUE(ids.insert(about.id).second) << about.id;
        EXPECT_FALSE(about.id.empty() || about.tag.empty() || about.summary.empty())
            << route.pattern;
    }
}

/// Every `$ref` leads somewhere.
void expect_references_resolve(const json::value& value) {
    if (const auto* array = value.if_array()) {
        for (const auto& element : *array) expect_references_resolve(element);
    }
    if (const auto* object = value.if_object()) {
        for (const auto& [name, member] : *object) {
            if (name != "$ref") {
                expect_references_resolve(member);
                continue;
            }
            boost::system::error_code error;
            const json::value whole = document();
            const auto pointer = std::string{member.as_string()}.substr(1);
            EXPECT_NE(whole.find_pointer(pointer, error), nullptr) << member;
        }
    }
}

TEST(OpenApi, ReferencesResolve) { expect_references_resolve(document()); }

TEST(OpenApi, BodiesAreWhatTheMethodsTake) {
    for (const auto& route : served_routes()) {
        const bool takes = operation(route).takes.kind != Takes::Kind::nothing;
        // A POST may do without one, a DELETE may need to be confirmed.
        if (route.method == Method::get) {
            EXPECT_FALSE(takes) << route.pattern;
        }
        if (route.method == Method::put || route.method == Method::patch) {
            EXPECT_TRUE(takes) << route.pattern;
        }
    }
}

TEST(OpenApi, ColumnsBecomeSchemas) {
    const auto& lead = at("/components/schemas/Lead/properties");
    const auto text = [&](std::string_view name) { return json::serialize(lead.at(name)); };
    EXPECT_EQ(text("id"), R"({"type":"string","format":"uuid","readOnly":true})");
    EXPECT_EQ(text("first_name"), R"({"type":"string","maxLength":255})");
    EXPECT_EQ(text("email"), R"({"type":["string","null"],"format":"email","maxLength":254})");
    EXPECT_EQ(text("status"),
              R"({"type":"string","enum":["new","contacted","qualified","converted","closed"]})");
    EXPECT_EQ(text("score"),
              R"({"type":["number","null"],"minimum":-9.9999E2,"maximum":9.9999E2})");
    EXPECT_EQ(text("tags"), R"({"type":"array","items":{"type":"string","maxLength":255}})");
    EXPECT_EQ(text("metadata"), R"({"description":"Any JSON."})");
    EXPECT_EQ(
        text("assigned_agent"),
        R"({"type":["string","null"],"format":"uuid","description":"The id of one of the tenant's own agents.","x-references":"Agent"})");
    EXPECT_EQ(json::serialize(at("/components/schemas/Event/properties/direction")),
              R"({"type":["string","null"],"enum":["in","out",null]})");
}

TEST(OpenApi, InputsHoldWhatMayBeSent) {
    const auto& input = at("/components/schemas/NewLead");
    EXPECT_EQ(json::serialize(input.at("required")), R"(["first_name"])");
    EXPECT_FALSE(input.at("additionalProperties").as_bool());
    const auto& properties = input.at("properties").as_object();
    EXPECT_FALSE(properties.contains("id"));
    EXPECT_FALSE(properties.contains("created_at"));
    EXPECT_TRUE(properties.contains("tenant_id"));
    EXPECT_EQ(json::serialize(properties.at("status").at("default")), R"("new")");
    EXPECT_EQ(json::serialize(properties.at("tags").at("default")), "[]");
    const auto& changes = at("/components/schemas/LeadChanges").as_object();
    EXPECT_FALSE(changes.contains("required"));
    EXPECT_FALSE(changes.at("properties").at("status").as_object().contains("default"));
    // What can be said once is no part of what changes.
    EXPECT_EQ(json::serialize(at("/components/schemas/NewEvent/required")), R"(["type"])");
}

TEST(OpenApi, SecretsGoInAndNeverOut) {
    using openapi::input_schema;
    using openapi::row_schema;
    for (const auto& relation : schema::lead_catalog().relations()) {
        for (const auto& column : relation->columns()) {
            if (column.type() != schema::ColumnType::sealed) continue;
            EXPECT_FALSE(
                row_schema(*relation).at("properties").as_object().contains(column.name()));
            const auto input = input_schema(*relation, Takes::Kind::new_row);
            const auto& properties = input.at("properties").as_object();
            // Some are of the server's own making.
            const bool given = column.options().origin != schema::Origin::server;
            ASSERT_EQ(properties.contains(column.name()), given) << column.name();
            if (!given) continue;
            EXPECT_TRUE(properties.at(column.name()).at("writeOnly").as_bool());
        }
    }
}

TEST(OpenApi, SchemasAreNamedLikeOneRow) {
    EXPECT_EQ(openapi::schema_name("leads"), "Lead");
    EXPECT_EQ(openapi::schema_name("icp_profiles"), "IcpProfile");
    EXPECT_EQ(openapi::schema_name("identities"), "Identity");
}

TEST(OpenApi, EachRefusalHasASchemaInBothForms) {
    for (const auto& [name, response] : at("/components/responses").as_object()) {
        EXPECT_TRUE(response.at("content").as_object().contains("application/json")) << name;
        EXPECT_TRUE(response.at("content").as_object().contains("application/problem+json"));
        EXPECT_EQ(response.at("description").as_string().find("codes: ;"), std::string::npos);
    }
    const auto& refused = at("/paths/~1api~1leads~1{id}/put/responses").as_object();
    for (const auto* status :
         {"400", "401", "403", "404", "409", "413", "415", "422", "500", "503"})
        EXPECT_TRUE(refused.contains(status)) << status;
    EXPECT_FALSE(at("/paths/~1healthz/get/responses").as_object().contains("401"));
}

TEST(OpenApi, WhoHasTheDocumentIsNotSentItAgain) {
    const auto first = published_document({});
    EXPECT_EQ(first.status, Status::ok);
    EXPECT_TRUE(json::parse(first.body).as_object() == document());
    EXPECT_EQ(first.cache_control, "no-cache");
    const auto etag = first.headers.substr(6, 18);
    for (const auto& names : {etag, "W/" + etag, "\"x\", " + etag, std::string{"*"}}) {
        const auto again = published_document({.if_none_match = names});
        EXPECT_EQ(again.status, Status::not_modified) << names;
        EXPECT_EQ(again.body, "");
        EXPECT_EQ(again.headers, first.headers);
    }
    EXPECT_EQ(published_document({.if_none_match = "\"x\""}).status, Status::ok);
}

}  // namespace
}  // namespace tenantry::http
