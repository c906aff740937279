#include "services/export.hpp"

#include "base/limits.hpp"
#include "engine/test_database.hpp"
#include "schema/lead_schema.hpp"
#include "support/scopes.hpp"

#include <gmock/gmock.h>

#include <deque>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace tenantry::services {
namespace {

using engine::testing::wait_for;

/// Answers each read with the next page, in whatever columns it asks for.
class PagedExecutor final : public engine::Executor {
public:
    using Row = std::map<std::string, std::string>;  // timestamps as microseconds; absent: null

    std::deque<std::vector<Row>> pages{};
    std::vector<query::Read> asked{};

    boost::asio::awaitable<Result<query::Reply>> run(query::ScopedPlan plan,
                                                     engine::Deadline) override {
        const auto& read = std::get<query::Read>(plan.request());
        asked.push_back(read);
        if (pages.empty()) co_return fail(Errc::overloaded, "no more");
        query::Reply reply{.rows = query::RowSet{read.projection, read.projection.size()}};
        for (const auto& row : pages.front()) {
            for (const auto* column : read.projection) append(reply.rows, *column, row);
        }
        pages.pop_front();
        co_return reply;
    }
    boost::asio::awaitable<Result<std::vector<query::Reply>>> read_all(
        std::vector<query::ScopedPlan>, engine::Deadline) override {
        throw std::logic_error{"an export reads page by page"};
    }
    boost::asio::awaitable<Result<std::vector<query::Reply>>> run_all(
        std::vector<query::ScopedPlan>, engine::Deadline) override {
        throw std::logic_error{"an export writes nothing"};
    }

private:
    static void append(query::RowSet& rows, const query::Column& column, const Row& row) {
        const auto found = row.find(column.name());
        if (found == row.end()) return rows.append_null();
        const bool number = column.type() == schema::ColumnType::timestamptz ||
                            column.type() == schema::ColumnType::numeric;
        if (number) return rows.append_integer(std::stoll(found->second));
        rows.append_text(found->second);
    }
};

class ExportTest : public testing::Test {
protected:
    Result<std::uint64_t> run(ExportFormat format) {
        text_.clear();
        return wait_for(export_leads(
            executor_, support::scope_of("harborview", Role::viewer), format,
            [this](std::string_view piece) { text_ += piece; }, engine::testing::no_deadline));
    }

    static PagedExecutor::Row row(std::string first_name) {
        return {{"tenant_id", "harborview"},
                {"id", "00000000-0000-4000-8000-000000000001"},
                {"first_name", std::move(first_name)},
                {"status", "new"},
                {"tags", "[]"},
                {"metadata", "{}"},
                {"created_at", "0"},
                {"updated_at", "1500"}};
    }

    /// The first line after the header.
    std::string csv_of(PagedExecutor::Row row) {
        executor_.pages = {{std::move(row)}};
        EXPECT_EQ(run(ExportFormat::csv).value(), 1U);
        return text_.substr(text_.find('\n') + 1);
    }

    PagedExecutor executor_;
    std::string text_;
};

constexpr std::string_view csv_header =
    "lead_id,first_name,last_name,email,phone_e164,property_address,city,province,postal_code,"
    "property_type,price_range,"
    "timeline,source,tags,status,created_at,updated_at,metadata,assigned_agent,score,last_"
    "contacted_at\n";

TEST_F(ExportTest, NoLeadsGiveAHeader) {
    executor_.pages = {{}};
    EXPECT_EQ(run(ExportFormat::csv).value(), 0U);
    EXPECT_EQ(text_, csv_header);
}

TEST_F(ExportTest, NullsAreEmptyAndTimesRfc3339) {
    EXPECT_EQ(csv_of(row("Ada")),
              "00000000-0000-4000-8000-000000000001,Ada,,,,,,,,,,,,,new,1970-01-01T00:00:00.000Z,"
              "1970-01-01T00:00:00.001500Z,{},,,\n");
}

TEST_F(ExportTest, QuotesWhatMustBeQuotedAndAltersNothing) {
    auto lead = row("=1+1");
    lead["last_name"] = "O\"Neil, \xC3\x89mile";
    lead["property_address"] = "421 Main\r\nApp. 1";
    lead["metadata"] = R"({"a":"b"})";
    lead["score"] = "8750";
    EXPECT_EQ(
        csv_of(lead),
        "00000000-0000-4000-8000-000000000001,=1+1,\"O\"\"Neil, \xC3\x89mile\",,,\"421 "
        "Main\r\nApp. 1\",,,,,,,,,new,"
        "1970-01-01T00:00:00.000Z,1970-01-01T00:00:00.001500Z,\"{\"\"a\"\":\"\"b\"\"}\",,87.50,\n");
}

TEST_F(ExportTest, TagsAreJoinedWhereAnImportReadsThemBack) {
    const auto tags = [&](std::string json) {
        auto lead = row("Ada");
        lead["tags"] = std::move(json);
        const auto line = csv_of(lead);
        const auto from = line.find(",,,,,,,,,,,,") + 12;
        return line.substr(from, line.find(",new,") - from);
    };
    EXPECT_EQ(tags(R"(["vip","pre-approved"])"), "vip;pre-approved");
    EXPECT_EQ(tags(R"(["a;b","c"])"), R"("[""a;b"",""c""]")");
    EXPECT_EQ(tags(R"(["[a"])"), R"("[""[a""]")");
    EXPECT_EQ(tags(R"([" a"])"), R"("["" a""]")");
    EXPECT_EQ(tags(R"(["",""])"), R"("["""",""""]")");
}

TEST_F(ExportTest, NdjsonIsARowOfTheApiALine) {
    executor_.pages = {{row("Ada"), row("Bob")}};
    EXPECT_EQ(run(ExportFormat::ndjson).value(), 2U);
    EXPECT_EQ(std::ranges::count(text_, '\n'), 2);
    EXPECT_TRUE(text_.starts_with(
        R"({"tenant_id":"harborview","id":"00000000-0000-4000-8000-000000000001","first_name":"Ada","last_name":null,)"));
}

TEST_F(ExportTest, FollowsTheKeysetPageByPage) {
    std::vector<PagedExecutor::Row> full(LeadExport::page_rows, row("Ada"));
    full.back()["created_at"] = "7";
    executor_.pages = {full, {row("Bob")}};
    EXPECT_EQ(run(ExportFormat::csv).value(), LeadExport::page_rows + 1);
    ASSERT_EQ(executor_.asked.size(), 2U);
    EXPECT_EQ(executor_.asked[0].after, std::nullopt);
    EXPECT_EQ(
        executor_.asked[1].after,
        (std::vector<query::Value>{Timestamp{std::chrono::microseconds{7}},
                                   parse_uuid("00000000-0000-4000-8000-000000000001").value()}));
}

TEST_F(ExportTest, EndsWithTheExecutorsError) {
    const std::vector<PagedExecutor::Row> full(LeadExport::page_rows, row("Ada"));
    executor_.pages = {full};
    EXPECT_EQ(run(ExportFormat::csv).error().code, Errc::overloaded);
}

TEST_F(ExportTest, CanBePulledAPageAtATime) {
    const std::vector<PagedExecutor::Row> full(LeadExport::page_rows, row("Ada"));
    executor_.pages = {full, {row("Bob")}};
    const auto scope = support::scope_of("harborview", Role::viewer);
    LeadExport pages{executor_, ExportFormat::ndjson};
    std::string out;
    EXPECT_TRUE(wait_for(pages.next(scope, out, engine::testing::no_deadline)).value());
    EXPECT_EQ(std::ranges::count(out, '\n'), LeadExport::page_rows);
    EXPECT_EQ(executor_.asked.size(), 1U);
    out.clear();
    EXPECT_FALSE(wait_for(pages.next(scope, out, engine::testing::no_deadline)).value());
    EXPECT_EQ(std::ranges::count(out, '\n'), 1);
    EXPECT_EQ(pages.exported(), LeadExport::page_rows + 1);
}

TEST_F(ExportTest, OfTwoTenantsIsABug) {
    executor_.pages = {{row("Ada")}, {row("Bob")}};
    LeadExport pages{executor_, ExportFormat::csv};
    std::string out;
    const auto page_of = [&](std::string_view tenant) {
        (void)wait_for(
            pages.next(support::scope_of(tenant, Role::viewer), out, engine::testing::no_deadline));
    };
    page_of("harborview");
    EXPECT_DEATH(page_of("lakeside"), "");
}

TEST(ExportFormatTest, Reads) {
    EXPECT_EQ(parse_export_format("csv").value(), ExportFormat::csv);
    EXPECT_EQ(parse_export_format("ndjson").value(), ExportFormat::ndjson);
    EXPECT_FALSE(parse_export_format("xlsx"));
}

}  // namespace
}  // namespace tenantry::services
