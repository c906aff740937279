#include "services/archive_manifest.hpp"

#include "schema/lead_schema.hpp"
#include "schema/migrations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <functional>

namespace tenantry::services {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

ArchiveManifest sample() {
    ArchiveManifest manifest{.tenant = TenantId::parse("acme").value(),
                             .name = "Acme \"Realty\" é",
                             .schema_version = schema::sqlite_migrations().back().version,
                             .exported_at = parse_timestamp("2026-01-05T00:16:17.25Z").value(),
                             .relations = {}};
    for (const auto* relation : archived_relations())
        manifest.relations.push_back({relation, 2, 100, std::string(64, 'a')});
    return manifest;
}

json::object sample_json() { return json::parse(print_manifest(sample())).get_object(); }

TEST(ArchiveManifest, IsReadAsItWasPrinted) {
    EXPECT_EQ(parse_manifest(print_manifest(sample())).value(), sample());
}

TEST(ArchiveManifest, HoldsNoInternalRelationAndNoSealedColumnAndSaysSo) {
    for (const auto* relation : archived_relations()) {
        EXPECT_FALSE(relation->internal());
        for (const auto* column : archived_columns(*relation))
            EXPECT_NE(column->type(), schema::ColumnType::sealed);
    }
    const auto left_out = json::serialize(sample_json().at("left_out"));
    for (const char* name : {"users", "api_keys", "idempotency_keys", "identities.cookies",
                             "identities.credentials"}) {
        EXPECT_THAT(left_out, HasSubstr(name));
    }
}

TEST(ArchiveManifest, PutsRowsBeforeThoseThatReferToThem) {
    std::vector<const schema::Relation*> before;
    for (const auto* relation : archived_relations()) {
        for (const auto& key : relation->foreign_keys())
            EXPECT_THAT(before, ::testing::Contains(key.target));
        before.push_back(relation);
    }
}

struct Bad {
    const char* why;
    std::function<void(json::object&)> change;
};

TEST(ArchiveManifest, ThatIsOddIsRefusedForItsReason) {
    const auto relation = [](json::object& manifest, std::size_t at) -> json::object& {
        return manifest.at("relations").get_array().at(at).get_object();
    };
    const Bad all[]{
        {"not that of a tenantry archive", [](auto& m) { m["format"] = "zip"; }},
        {"not that of a tenantry archive", [](auto& m) { m.erase("format"); }},
        {"use a newer tenantry", [](auto& m) { m["version"] = 2; }},
        {"no number version", [](auto& m) { m["version"] = -1; }},
        {"newer than this program's", [](auto& m) { m["schema_version"] = 9999; }},
        {"no schema_version", [](auto& m) { m["schema_version"] = 0; }},
        {"names no tenant", [](auto& m) { m["tenant"] = "acme"; }},
        {"whose id can't be one", [](auto& m) { m["tenant"].get_object()["id"] = "../x"; }},
        {"a name that can't be one", [](auto& m) { m["tenant"].get_object()["name"] = "a\nb"; }},
        {"when it was made", [](auto& m) { m["exported_at"] = "yesterday"; }},
        {"lists no relations", [](auto& m) { m["relations"] = 7; }},
        {"lacks a relation", [](auto& m) { m["relations"].get_array().pop_back(); }},
        {"too many relations",
         [](auto& m) { m["relations"].get_array().push_back(m["relations"].get_array()[0]); }},
        {"twice or in another order",
         [](auto& m) { std::swap(m["relations"].get_array()[0], m["relations"].get_array()[1]); }},
        {"doesn't know", [&](auto& m) { relation(m, 0)["name"] = "idempotency_keys"; }},
        {"doesn't know", [&](auto& m) { relation(m, 0)["name"] = "lead_counts"; }},
        {"misnames the file", [&](auto& m) { relation(m, 0)["file"] = "../agents.ndjson"; }},
        {"no number rows", [&](auto& m) { relation(m, 0)["rows"] = "2"; }},
        {"no number bytes", [&](auto& m) { relation(m, 0)["bytes"] = 1.5; }},
        {"more rows in agents.ndjson than fit", [&](auto& m) { relation(m, 0)["rows"] = 101; }},
        {"no SHA-256", [&](auto& m) { relation(m, 0)["sha256"] = std::string(64, 'G'); }},
    };
    for (const auto& [why, change] : all) {
        auto manifest = sample_json();
        change(manifest);
        const auto parsed = parse_manifest(json::serialize(manifest));
        ASSERT_FALSE(parsed) << why;
        EXPECT_EQ(parsed.error().code, Errc::bad_file);
        EXPECT_THAT(parsed.error().message, HasSubstr(why));
    }
}

TEST(ArchiveManifest, ThatIsNoJsonIsRefused) {
    for (const auto& text : {std::string{}, std::string{"{"}, std::string{"[]"},
                             std::string{"\xFF"}, std::string(2UL << 20, ' ')}) {
        EXPECT_EQ(parse_manifest(text).error().code, Errc::bad_file);
    }
}

TEST(ArchiveManifest, OfAnOlderSchemaMayLackRelations) {
    auto manifest = sample_json();
    manifest["schema_version"] = 1;
    manifest["relations"].get_array().resize(3);
    EXPECT_EQ(parse_manifest(json::serialize(manifest)).value().relations.size(), 3U);
}

class ArchivedRowsTest : public ::testing::Test {
protected:
    static std::string refusal(std::string_view line) {
        const ArchivedRows rows{schema::lead_catalog().relation("contacts"),
                                TenantId::parse("acme").value()};
        const auto parsed = rows.parse(line);
        EXPECT_FALSE(parsed) << line;
        return parsed ? "" : parsed.error().message;
    }
    static std::string contact(std::string_view more) {
        return R"({"tenant_id":"acme","id":"01a209cb-05ec-71cd-a251-a759c66d57cb",)"
               R"("channel":"email","identifier":"a@b.example",)"
               R"("created_at":"2026-01-05T00:00:00Z","updated_at":"2026-01-05T00:00:00Z")" +
               std::string{more} + "}";
    }
};

TEST_F(ArchivedRowsTest, GiveDefaultsForColumnsThatAreAbsent) {
    const ArchivedRows rows{schema::lead_catalog().relation("contacts"),
                            TenantId::parse("acme").value()};
    const auto row = rows.parse(contact("")).value();
    ASSERT_EQ(row.size(), rows.columns().size());
    for (std::size_t i = 0; i < row.size(); ++i) {
        const auto& column = *rows.columns()[i];
        EXPECT_TRUE(schema::has_type(row[i], column.type())) << column.name();
        EXPECT_TRUE(column.nullable() || !schema::is_null(row[i])) << column.name();
    }
}

TEST_F(ArchivedRowsTest, RefuseWhatDoesNotFit) {
    EXPECT_THAT(refusal("{}"), HasSubstr("tenant_id that is not the archive's"));
    EXPECT_THAT(refusal(R"({"tenant_id":"beta"})"), HasSubstr("not the archive's"));
    EXPECT_THAT(refusal(R"({"tenant_id":"acme"})"), HasSubstr("lacks id"));
    EXPECT_THAT(refusal("[1]"), HasSubstr("no JSON object"));
    EXPECT_THAT(refusal("{\"tenant_id\":\"acme\"} trailing"), HasSubstr("no JSON object"));
    EXPECT_THAT(refusal("\xFF"), HasSubstr("UTF-8"));
    EXPECT_THAT(refusal(contact(R"(,"rowid":1)")), HasSubstr("a column that contacts don't have"));
    EXPECT_THAT(refusal(contact(R"(,"verified":"yes")")), HasSubstr("verified"));
    EXPECT_THAT(refusal(contact(R"(,"lead_id":"../../etc")")), HasSubstr("lead_id"));
}

TEST_F(ArchivedRowsTest, NameNoValueInARefusal) {
    EXPECT_THAT(refusal(contact(R"(,"verified":"SECRET")")), ::testing::Not(HasSubstr("SECRET")));
    EXPECT_THAT(refusal(contact(R"(,"SECRET":1)")), ::testing::Not(HasSubstr("SECRET")));
}

}  // namespace
}  // namespace tenantry::services
