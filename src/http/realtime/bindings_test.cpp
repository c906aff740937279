#include "bindings.hpp"

#include "change_fixture.hpp"
#include "schema/json.hpp"

#include <gtest/gtest.h>

namespace tenantry::http::realtime {
namespace {

Result<JoinRequest> join(std::string_view payload) {
    return JoinRequest::parse(schema::read_json(payload).value(), 3);
}
Bindings bindings(std::string_view list) {
    const auto request =
        join(R"({"config":{"postgres_changes":)" + std::string{list} + "}}").value();
    return Bindings::parse(request.bindings, schema::lead_catalog()).value();
}
std::string refusal(std::string_view binding) {
    const auto request =
        join(R"({"config":{"postgres_changes":[)" + std::string{binding} + "]}}").value();
    const auto parsed = Bindings::parse(request.bindings, schema::lead_catalog());
    return parsed ? "none" : parsed.error().message;
}

TEST(Join, DefaultsAreWhatOldClientsMean) {
    const auto request = join("{}").value();
    EXPECT_FALSE(request.ack || request.self || request.wait);
    EXPECT_TRUE(request.presence);
    EXPECT_TRUE(request.bindings.empty());
    EXPECT_FALSE(request.since);
    EXPECT_FALSE(request.access_token);
    EXPECT_TRUE(join("null"));
}

TEST(Join, FlagsMayBeTexts) {
    const auto request = join(R"({"config":{"broadcast":{"ack":"true","self":true,"x":1},
                           "presence":{"key":"k","enabled":"false"},"private":false,
                           "postgres_changes":null,"postgres_changes_options":{"wait":true}},
                 "access_token":"t","version":"x"})")
                             .value();
    EXPECT_TRUE(request.ack && request.self && request.wait);
    EXPECT_FALSE(request.presence);
    EXPECT_EQ(request.presence_key, "k");
    EXPECT_EQ(request.access_token, "t");
}

TEST(Join, SinceMayStandInThreePlaces) {
    EXPECT_EQ(join(R"({"since":"a-1"})").value().since, "a-1");
    EXPECT_EQ(join(R"({"config":{"since":12}})").value().since, "12");
    EXPECT_EQ(join(R"({"config":{"postgres_changes_options":{"since":"head"}}})").value().since,
              "head");
    EXPECT_FALSE(join(R"({"since":{}})"));
    EXPECT_FALSE(join(R"({"since":1.5})"));
}

TEST(Join, KeysThatAreNoTokensArePassedOver) {
    EXPECT_FALSE(join(R"({"access_token":"sb_publishable_x"})").value().access_token);
    EXPECT_FALSE(join(R"({"access_token":""})").value().access_token);
    EXPECT_FALSE(join(R"({"access_token":7})").value().access_token);
}

TEST(Join, WrongFormsAreRefused) {
    for (const auto* payload :
         {R"({"config":{"postgres_changes":{}}})", R"({"config":{"postgres_changes":[1]}})",
          R"({"config":{"postgres_changes":[{"event":1}]}})",
          R"({"config":{"postgres_changes":[{"select":"a"}]}})",
          R"({"config":{"postgres_changes":[{},{},{},{}]}})",
          R"({"config":{"presence":{"key":1}}})"}) {
        EXPECT_FALSE(join(payload)) << payload;
    }
}

TEST(Bindings, AreEchoedAsTheyCame) {
    const auto request = join(R"({"config":{"postgres_changes":[
            {"event":"INSERT","schema":"public","table":"leads","filter":"city=eq.\"a\"","x":1},
            null,{"event":"*","schema":"public"}]}})")
                             .value();
    EXPECT_EQ(
        echo(request.bindings),
        R"([{"id":1,"event":"INSERT","schema":"public","table":"leads","filter":"city=eq.\"a\""},)"
        R"({"id":2,"event":"*","schema":"public"}])");
    EXPECT_EQ(echo({}), "[]");
}

TEST(Bindings, AllThatFitAreNamed) {
    auto all = bindings(R"([{"event":"INSERT","schema":"public","table":"leads"},
                            {"event":"*","schema":"public","table":"agents"},
                            {"event":"*","schema":"public"}])");
    EXPECT_EQ(all.match(lead_change(feed::Op::insert, {})).ids, "1,3");
    EXPECT_EQ(all.match(lead_change(feed::Op::delete_, {})).ids, "3");
}

TEST(Bindings, FiltersSeeTheNewRowAndOfADeleteTheOldOne) {
    auto some =
        bindings(R"([{"event":"*","schema":"public","table":"leads","filter":"status=eq.new"}])");
    const Members is{{"status", "new"}};
    const Members is_not{{"status", "closed"}};
    EXPECT_EQ(some.match(lead_change(feed::Op::update, is, is_not)).ids, "1");
    EXPECT_EQ(some.match(lead_change(feed::Op::update, is_not, is)).ids, "");
    EXPECT_EQ(some.match(lead_change(feed::Op::delete_, {}, is)).ids, "1");
    EXPECT_EQ(some.match(lead_change(feed::Op::delete_, {}, is_not)).ids, "");
}

TEST(Bindings, SelectionsAddUp) {
    auto some = bindings(R"([{"event":"*","table":"leads","select":["city"]},
                             {"event":"*","table":"leads","select":["status"]},
                             {"event":"DELETE","table":"leads"}])");
    EXPECT_EQ(*some.match(lead_change(feed::Op::insert, {})).selected,
              (Selection{"city", "status"}));
    EXPECT_EQ(some.match(lead_change(feed::Op::delete_, {})).selected, nullptr);
}

TEST(Bindings, WhatCannotBeIsRefused) {
    EXPECT_EQ(refusal(R"({"event":"TRUNCATE"})"), "an event is INSERT, UPDATE, DELETE or *");
    EXPECT_EQ(refusal(R"({"event":"*","schema":"private"})"), "there is no schema but public");
    EXPECT_EQ(refusal(R"({"event":"*","table":"api_keys"})"), "there is no such table");
    EXPECT_EQ(refusal(R"({"event":"*","table":"idempotency_keys"})"), "there is no such table");
    EXPECT_EQ(refusal(R"({"event":"*","filter":"a=eq.1"})"), "a filter goes with a table");
    EXPECT_EQ(refusal(R"({"event":"*","table":"leads","filter":"x=eq.1"})"),
              "leads has no column `x`");
    EXPECT_EQ(refusal(R"({"event":"*","table":"identities","select":["cookies"]})"),
              "there is no such column to select");
}

TEST(ChangeText, IsWhatSupabaseSends) {
    const auto insert = change_text(lead_change(feed::Op::insert, {{"city", "Oslo"}}), "e0");
    EXPECT_TRUE(insert.starts_with(
        R"({"schema":"public","table":"leads","commit_timestamp":"2023-11-14T22:13:20.000Z",)"
        R"("type":"INSERT","columns":[{"name":"tenant_id","type":"text"},{"name":"id","type":"uuid"},)"))
        << insert;
    EXPECT_NE(insert.find(R"({"name":"score","type":"numeric"})"), std::string::npos);
    EXPECT_NE(insert.find(R"({"name":"tags","type":"_text"})"), std::string::npos);
    EXPECT_TRUE(insert.ends_with(R"("errors":null,"seq":7,"cursor":"e0-7"})"));
    EXPECT_NE(insert.find(R"("record":{)"), std::string::npos);
    EXPECT_EQ(insert.find("old_record"), std::string::npos);
    const auto removal = change_text(lead_change(feed::Op::delete_, {}), "e0");
    EXPECT_EQ(removal.find(R"("record":)"), std::string::npos);
    EXPECT_NE(removal.find(R"("old_record":)"), std::string::npos);
    EXPECT_TRUE(schema::read_json(insert));
    EXPECT_TRUE(schema::read_json(removal));
}

TEST(ChangeText, HoldsWhatWasSelected) {
    const auto change = lead_change(feed::Op::insert, {{"city", "Oslo"}, {"status", "new"}});
    const auto text = change_text(change, "e0", {"city", "tags"});
    EXPECT_NE(
        text.find(R"("columns":[{"name":"city","type":"text"},{"name":"tags","type":"_text"}])"
                  R"(,"record":{"city":"Oslo","tags":["a,b","}\"]"]},)"),
        std::string::npos)
        << text;
}

TEST(ChangeTexts, AreMadeOnceAChange) {
    ChangeTexts texts;
    const auto first = std::make_shared<const feed::Change>(lead_change(feed::Op::insert, {}));
    const auto& text = texts.of(first, "e0");
    EXPECT_EQ(&texts.of(first, "e0"), &text);
    EXPECT_EQ(text, change_text(*first, "e0"));
    for (std::int64_t seq = 8; seq < 5000; ++seq) {
        auto other = lead_change(feed::Op::insert, {});
        other.seq = seq;
        const auto change = std::make_shared<const feed::Change>(std::move(other));
        EXPECT_EQ(texts.of(change, "e0"), change_text(*change, "e0"));
    }
}

}  // namespace
}  // namespace tenantry::http::realtime
