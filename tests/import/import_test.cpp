#include "services/import.hpp"

#include "base/random.hpp"
#include "engine/test_database.hpp"
#include "schema/json.hpp"
#include "services/export.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <boost/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::services {
namespace {

using namespace std::string_literals;
using engine::testing::wait_for;
using testing::HasSubstr;

const std::filesystem::path data_folder =
    std::filesystem::path{TENANTRY_SOURCE_DIR} / "examples" / "data";
const auto harborview_file = data_folder / "harborview-leads.csv";
const auto plateau_file = data_folder / "plateau-leads-crm-export.csv";
const auto messy_file = data_folder / "messy-leads.csv";

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// An empty database with the tenants harborview, plateau and lakeside.
class ImportFileTest : public testing::Test {
protected:
    void SetUp() override {
        for (const auto* tenant : {"harborview", "plateau", "lakeside"}) database_.scope(tenant);
    }

    Result<ImportReport> import_into(engine::Executor& executor, std::string_view tenant,
                                     const ByteSource& source, ImportOptions options = {}) {
        return wait_for(import_leads(executor, database_.scope(tenant), source, std::move(options),
                                     {system_clock().now(), new_uuid},
                                     engine::testing::no_deadline));
    }
    Result<ImportReport> import_file(std::string_view tenant, const std::filesystem::path& path,
                                     ImportOptions options = {}) {
        const auto source = open_file(path);
        if (!source) return source.error();
        return import_into(database_.engine(), tenant, **source, std::move(options));
    }
    Result<ImportReport> import_text(std::string_view tenant, std::string_view text) {
        return import_into(database_.engine(), tenant, TextSource{text});
    }

    std::string export_of(std::string_view tenant, ExportFormat format = ExportFormat::csv) {
        std::string text;
        const auto exported = wait_for(export_leads(
            database_.engine(), database_.scope(tenant), format,
            [&](std::string_view piece) { text += piece; }, engine::testing::no_deadline));
        EXPECT_TRUE(exported);
        return text;
    }

    engine::testing::TestDatabase database_;
    engine::testing::TempDirectory folder_;
};

/// The records of a CSV text, the header first.
std::vector<std::vector<std::string>> records_of(std::string_view text) {
    const TextSource source{text};
    auto reader = CsvReader::open(source).value();
    std::vector<std::vector<std::string>> records{reader.header()};
    CsvRecord record;
    while (reader.next(record).value())
        records.emplace_back(record.fields.begin(), record.fields.end());
    return records;
}

ImportReport counts(std::uint64_t rows, std::uint64_t imported, std::uint64_t unchanged,
                    std::uint64_t refused_rows) {
    return {
        .rows = rows, .imported = imported, .unchanged = unchanged, .refused_rows = refused_rows};
}

TEST_F(ImportFileTest, HarborviewComesInWholeAndGoesOutAsItCame) {
    EXPECT_EQ(import_file("harborview", harborview_file).value(), counts(5000, 5000, 0, 0));
    EXPECT_EQ(import_file("harborview", harborview_file).value(), counts(5000, 0, 5000, 0));
    auto exported = records_of(export_of("harborview"));
    // Columns of leads that the file doesn't have: assigned_agent, score, last_contacted_at.
    for (auto& record : exported) record.resize(record.size() - 3);
    // Members of documents are kept in one order, whatever that of the file.
    auto expected = records_of(content_of(harborview_file));
    const auto metadata =
        std::ranges::find(expected.front(), "metadata") - expected.front().begin();
    for (auto& record : expected | std::views::drop(1)) {
        auto& text = record[static_cast<std::size_t>(metadata)];
        auto document = schema::read_json(text).value();
        schema::make_canonical(document);
        text.clear();
        schema::append_json(text, document);
    }
    EXPECT_TRUE(exported == expected);
}

TEST_F(ImportFileTest, PlateauComesInWholeWithItsNotesInMetadata) {
    EXPECT_EQ(import_file("plateau", plateau_file).value(), counts(2000, 2000, 0, 0));
    EXPECT_EQ(import_file("plateau", plateau_file).value(), counts(2000, 0, 2000, 0));

    // Sorted, since an export is ordered by created_at, and that is a mere date in this file.
    std::vector<std::vector<std::string>> expected;
    for (const auto& from : records_of(content_of(plateau_file))) {
        std::string digits;
        std::ranges::copy_if(from[3], std::back_inserter(digits),
                             [](char c) { return c >= '0' && c <= '9'; });
        auto status = from[13];
        status[0] = static_cast<char>(status[0] | 0x20);
        const auto notes = boost::json::serialize(boost::json::object{{"notes", from[15]}});
        expected.push_back({from[2], from[0], from[1], "+1" + digits, from[4], from[5], from[6],
                            from[7], from[8], from[9], from[10], from[11], from[12], status,
                            from[14] + "T00:00:00.000Z", notes});
    }
    expected.erase(expected.begin());
    std::vector<std::vector<std::string>> stored;
    for (const auto& row : records_of(export_of("plateau"))) {
        stored.push_back({row[3], row[1], row[2], row[4], row[5], row[6], row[7], row[8], row[9],
                          row[10], row[11], row[12], row[13], row[14], row[15], row[17]});
    }
    stored.erase(stored.begin());
    std::ranges::sort(expected);
    std::ranges::sort(stored);
    EXPECT_EQ(stored.size(), 2000U);
    EXPECT_TRUE(stored == expected);
    const auto broken = std::ranges::count_if(
        stored, [](const auto& row) { return row[4].find("\r\nApp. ") != std::string::npos; });
    EXPECT_EQ(broken, 118);
}

TEST_F(ImportFileTest, MessyGivesTheGoodRowsAndTheReasonsOfTheOthers) {
    const auto expected =
        boost::json::parse(content_of(data_folder / "messy-leads.expected.json")).as_object();
    std::vector<std::string> reasons;
    for (const auto& row : expected.at("rejected").as_array()) {
        reasons.push_back(
            fmt::format("{}: {}", row.at("line").as_int64(), row.at("why").as_string().c_str()));
    }
    ASSERT_EQ(reasons.size(), 96U);
    for (const auto& [imported, unchanged] : {std::pair{504U, 0U}, std::pair{0U, 504U}}) {
        const auto report = import_file("lakeside", messy_file).value();
        EXPECT_EQ(report.rows, 600U);
        EXPECT_EQ(report.imported, imported);
        EXPECT_EQ(report.unchanged, unchanged);
        EXPECT_EQ(report.refused_rows, 96U);
        std::vector<std::string> refused;
        for (const auto& row : report.refused)
            refused.push_back(fmt::format("{}: {}", row.line, row.why()));
        EXPECT_EQ(refused, reasons);
    }
    EXPECT_EQ(records_of(export_of("lakeside")).size(), 505U);
}

TEST_F(ImportFileTest, DryRunReportsTheSameAndWritesNothing) {
    for (const auto& file : {harborview_file, plateau_file, messy_file}) {
        const auto dry = import_file("lakeside", file, {.dry_run = true}).value();
        EXPECT_EQ(records_of(export_of("lakeside")).size(), 1U);
        EXPECT_EQ(import_file("harborview", file).value(), dry);
    }
}

TEST_F(ImportFileTest, TenantsHoldTheSameFileApart) {
    EXPECT_EQ(import_file("lakeside", messy_file).value().imported, 504U);
    const auto before = export_of("lakeside");
    EXPECT_EQ(import_file("harborview", messy_file).value().imported, 504U);
    EXPECT_EQ(import_file("harborview", harborview_file).value().imported, 5000U);
    EXPECT_EQ(export_of("lakeside"), before);
    EXPECT_EQ(records_of(export_of("plateau")).size(), 1U);
}

TEST_F(ImportFileTest, AnExportImportsIntoAnotherTenantUnaltered) {
    for (const auto& file : {harborview_file, plateau_file, messy_file})
        ASSERT_TRUE(import_file("harborview", file));
    ASSERT_TRUE(import_text(
        "harborview",
        "first_name,tags,metadata,score,last_contacted_at,phone,email\n"
        "=1+1,\"[\"\"a;b\"\",\"\" "
        "\"\"]\",\"[1.5,{\"\"a\"\":null}]\",12.5,2026-01-05T10:00:00.000001Z,ask Ada,\n"));
    const auto exported = export_of("harborview");
    const auto report = import_text("plateau", exported).value();
    EXPECT_EQ(report, counts(7505, 7505, 0, 0));
    EXPECT_EQ(export_of("plateau"), exported);
    EXPECT_EQ(import_text("plateau", exported).value().unchanged, 7505U);
}

TEST_F(ImportFileTest, NdjsonGivesEveryLeadALine) {
    ASSERT_TRUE(import_file("lakeside", messy_file));
    const auto text = export_of("lakeside", ExportFormat::ndjson);
    std::size_t lines = 0;
    for (std::size_t from = 0; from < text.size(); ++lines) {
        const auto end = text.find('\n', from);
        const auto lead = boost::json::parse(text.substr(from, end - from)).as_object();
        EXPECT_EQ(lead.at("tenant_id").as_string(), "lakeside");
        from = end + 1;
    }
    EXPECT_EQ(lines, 504U);
}

TEST_F(ImportFileTest, ColumnsAreMappedAsAsked) {
    const auto text = "Vorname,Adresse,Kennung\nAda,ada@example.com,K-1\n"s;
    const auto report = import_into(
        database_.engine(), "lakeside", TextSource{text},
        {.rules = {
             {"Vorname", "first_name"}, {"Adresse", "email"}, {"Kennung", "metadata.crm_id"}}});
    EXPECT_EQ(report.value(), counts(1, 1, 0, 0));
    const auto row = records_of(export_of("lakeside")).at(1);
    EXPECT_EQ(row[1], "Ada");
    EXPECT_EQ(row[3], "ada@example.com");
    EXPECT_EQ(row[17], R"({"crm_id":"K-1"})");
}

struct FaultyFile {
    std::string name;
    std::string text;
    std::string message;
};

class FaultyFileTest : public ImportFileTest, public testing::WithParamInterface<FaultyFile> {};

TEST_P(FaultyFileTest, SaysWhatIsWrongAndImportsNothing) {
    const auto& faulty = GetParam();
    std::ofstream{folder_.path() / "leads.csv", std::ios::binary} << faulty.text;
    const auto report = import_file("lakeside", folder_.path() / "leads.csv");
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, Errc::bad_file);
    EXPECT_THAT(report.error().message, HasSubstr(faulty.message));
    EXPECT_EQ(records_of(export_of("lakeside")).size(), 1U);
}

/// Good rows first, so that there is something to half-import.
std::string after_good_rows(std::string_view rest) {
    std::string text = "first_name,email,city\n";
    for (int i = 0; i < 2500; ++i) text += fmt::format("Ada,ada.{}@example.com,London\n", i);
    return text.append(rest);
}

INSTANTIATE_TEST_SUITE_P(
    Import, FaultyFileTest,
    testing::ValuesIn(std::vector<FaultyFile>{
        {"NoCsv", "# Leads\n\nThere are *many* of them.\n", "no header fills first_name"},
        {"Json", "{\"leads\":[{\"first_name\":\"Ada\"}]}\n", "line 1: a quote within a field"},
        {"NoHeader", "f0588e8c-108f-4963-ae57-0075878bd663,Ada,ada@example.com\n",
         "the file has no header"},
        {"Binary",
         "\x7F"
         "ELF\x02\x01\x01\0\0\0\0\0\0\0\0\0"s,
         "line 1: a NUL byte"},
        {"BinaryLater", after_good_rows("\0\0\0"s), "line 2502: a NUL byte"},
        {"CutOffInARow", after_good_rows("Bob,bob@exa"),
         "line 2502: the file ends in the middle of this row (2 of 3 fields"},
        {"CutOffInQuotes", after_good_rows("Bob,bob@example.com,\"Lon"),
         "quoted field that starts on line 2502"},
        {"Utf16",
         "\xFF\xFE"
         "f\0i\0r\0s\0t\0"s,
         "the file is UTF-16 text"},
        {"Latin1", after_good_rows("Ren\xE9,rene@example.com,Paris\n"),
         "line 2502: the text isn't UTF-8"},
        {"StrayQuote", after_good_rows("Bob,bob@example.com,5\" x 3\n"),
         "line 2502: a quote within a field"},
        {"Empty", "", "the file is empty"},
    }),
    [](const auto& test) { return test.param.name; });

TEST_F(ImportFileTest, RefusesFoldersAndMissingFiles) {
    EXPECT_THAT(import_file("lakeside", folder_.path()).error().message, HasSubstr("is a folder"));
    EXPECT_THAT(import_file("lakeside", folder_.path() / "none.csv").error().message,
                HasSubstr("doesn't exist"));
}

/// Lets somebody else write `rival` first, just before each transaction.
class RivalExecutor final : public engine::Executor {
public:
    RivalExecutor(engine::Executor& executor, std::function<void()> rival)
        : executor_{executor}, rival_{std::move(rival)} {}
    boost::asio::awaitable<Result<query::Reply>> run(query::ScopedPlan plan,
                                                     engine::Deadline deadline) override {
        return executor_.run(std::move(plan), deadline);
    }
    boost::asio::awaitable<Result<std::vector<query::Reply>>> read_all(
        std::vector<query::ScopedPlan> plans, engine::Deadline deadline) override {
        return executor_.read_all(std::move(plans), deadline);
    }
    boost::asio::awaitable<Result<std::vector<query::Reply>>> run_all(
        std::vector<query::ScopedPlan> plans, engine::Deadline deadline) override {
        rival_();
        return executor_.run_all(std::move(plans), deadline);
    }

private:
    engine::Executor& executor_;
    std::function<void()> rival_;
};

TEST_F(ImportFileTest, ALeadWrittenMeanwhileUndoesTheImport) {
    RivalExecutor executor{
        database_.engine(), [this] {
            EXPECT_TRUE(import_text("lakeside", "first_name,email\nRival,ada.2400@example.com\n"));
        }};
    const auto text = after_good_rows("");
    const TextSource source{text};
    const auto report = import_into(executor, "lakeside", source);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, Errc::conflict);
    EXPECT_EQ(records_of(export_of("lakeside")).size(), 2U);
    EXPECT_EQ(import_text("lakeside", text).value(), counts(2500, 2499, 1, 0));
}

}  // namespace
}  // namespace tenantry::services
