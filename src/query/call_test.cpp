/// Reads of what a function gives.

#include "lead_fixture.hpp"
#include "query/cost.hpp"
#include "query/request_text.hpp"
#include "query/sql.hpp"
#include "support/scopes.hpp"

#include <gtest/gtest.h>

namespace tenantry::query {
namespace {

using schema::Function;

Column text_column(std::string name) { return {std::move(name), schema::ColumnType::text, {}}; }

class FunctionCalls : public testing::Test {
protected:
    FunctionCalls() {
        std::vector<Column> row;
        row.push_back(text_column("word"));
        row.emplace_back("n", schema::ColumnType::integer, Column::Options{});
        words_ = Function{
            .name = "words",
            .parameters = {{text_column("of"), false, false}, {text_column("also"), true, true}},
            .returns = Function::Returns::rows,
            .result = std::make_shared<const Relation>("words", std::move(row), 0,
                                                       Relation::Kind::result)};
        leads_ = Function{.name = "top",
                          .returns = Function::Returns::rows,
                          .result = {std::shared_ptr<void>{}, catalog().find("leads")},
                          .writes = true};
    }

    Read read_of(const Function& function, std::string_view text = "") const {
        auto read = parse_request(catalog(), *function.result, text).value().read;
        read.call = FunctionCall{.function = &function};
        return read;
    }
    static FunctionCall::Argument argument(const Function& function, std::string_view name,
                                           Value value = schema::Text{"x"}) {
        return {function.find(name), std::move(value)};
    }
    static std::string sql(Read read) {
        auto planned = plan(std::move(read)).value();
        const auto scoped = scope_plan(std::move(planned), support::scope_of("acme")).value();
        EXPECT_EQ(cost_of(scoped), Cost::scan);
        return print_sql(scoped, postgres_dialect()).main.text;
    }
    static std::string refusal(Read read) {
        const auto planned = plan(std::move(read));
        return planned ? "" : planned.error().message;
    }

    Function words_;
    Function leads_;
};

TEST_F(FunctionCalls, RowsComeFromTheFunctionInItsOwnOrder) {
    auto read = read_of(words_, "select=n&word=eq.a");
    read.call->arguments = {argument(words_, "of"), argument(words_, "also")};
    EXPECT_EQ(sql(read), R"(SELECT "n" FROM "public"."words"("of" => $1, VARIADIC "also" => $2) )"
                         R"(AS "words" ("word", "n") WHERE ("word" = $3) LIMIT $4)");
    read.order = {{&words_.result->column("n"), true}};
    read.call->arguments.pop_back();
    EXPECT_EQ(sql(read),
              R"(SELECT "n" FROM "public"."words"("of" => $1) AS "words" )"
              R"(("word", "n") WHERE ("word" = $2) ORDER BY "n" DESC NULLS LAST LIMIT $3)");
}

TEST_F(FunctionCalls, RowsThatHaveATenantAreHeldToIt) {
    EXPECT_EQ(sql(read_of(leads_, "select=id")),
              R"(SELECT "id" FROM "public"."top"() AS "leads" WHERE ("tenant_id" = $1) LIMIT $2)");
}

TEST_F(FunctionCalls, ACountCallsTheFunctionToo) {
    auto read = read_of(words_);
    read.call->arguments = {argument(words_, "of")};
    read.count = true;
    auto planned = plan(std::move(read)).value();
    const auto scoped = scope_plan(std::move(planned), support::scope_of("acme")).value();
    EXPECT_EQ(print_sql(scoped, postgres_dialect()).count->text,
              R"(SELECT count(*) FROM "public"."words"("of" => $1) AS "words" ("word", "n") )"
              R"(WHERE (1 = 1))");
}

TEST_F(FunctionCalls, ArgumentsAreTheFunctionsOwnAndComplete) {
    auto read = read_of(words_);
    EXPECT_EQ(refusal(read), "of is required");
    read.call->arguments = {argument(words_, "of", std::int64_t{1})};
    EXPECT_EQ(refusal(read), "of has a value of another type");
    read.call->arguments = {argument(words_, "of"), argument(words_, "of")};
    EXPECT_EQ(refusal(read), "of can't be given so");
    read.call->arguments = {argument(words_, "also"), argument(words_, "of")};
    EXPECT_EQ(refusal(read), "of can't be given so");
    const Function::Parameter stranger{text_column("of"), false, false};
    read.call->arguments = {{&stranger, schema::Text{"x"}}};
    EXPECT_EQ(refusal(read), "of can't be given so");
}

TEST_F(FunctionCalls, WhatWouldCallItAgainIsRefused) {
    auto read = read_of(leads_, "select=id,events(id)");
    EXPECT_EQ(refusal(read), "top can't be called so");
    read = read_of(leads_);
    read.count = true;
    EXPECT_EQ(refusal(read), "top can't be called so");
    read = read_of(leads_);
    read.has_more = true;
    EXPECT_EQ(refusal(read), "top can't be called so");
    read = read_of(leads_);
    read.relation = catalog().find("agents");
    read.projection = {&read.relation->id()};
    EXPECT_EQ(refusal(read), "top can't be called so");
    read = read_of(words_);
    read.call->arguments = {argument(words_, "of")};
    read.call->may_write = true;
    EXPECT_EQ(refusal(read), "words can't be called so");
}

TEST_F(FunctionCalls, WritersAloneCallWhatMayWrite) {
    const auto scoped_as = [&](Role role, bool may_write) {
        auto read = read_of(leads_);
        read.call->may_write = may_write;
        EXPECT_EQ(is_write(read), may_write);
        return scope_plan(plan(std::move(read)).value(), support::scope_of("acme", role))
            .has_value();
    };
    EXPECT_TRUE(scoped_as(Role::viewer, false));
    EXPECT_FALSE(scoped_as(Role::viewer, true));
    EXPECT_TRUE(scoped_as(Role::operator_, true));
}

}  // namespace
}  // namespace tenantry::query
