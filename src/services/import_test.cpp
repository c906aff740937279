#include "services/import.hpp"

#include "engine/test_database.hpp"
#include "memory_executor.hpp"
#include "support/scopes.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <boost/uuid/uuid.hpp>

#include <cstring>
#include <string>
#include <vector>

namespace tenantry::services {
namespace {

using engine::testing::wait_for;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view id_1 = "00000000-0000-4000-8000-000000000001";
constexpr std::string_view id_2 = "00000000-0000-4000-8000-000000000002";

class ImportTest : public testing::Test {
protected:
    Result<ImportReport> try_import(std::string_view text, ImportOptions options = {},
                                    std::string_view tenant = "harborview") {
        const TextSource source{text};
        const query::Stamp stamp{Timestamp{}, [this] {
                                     Uuid id{};
                                     ++made_;
                                     std::memcpy(id.data, &made_, sizeof made_);
                                     id.data[6] = 0x70;
                                     return id;
                                 }};
        return wait_for(import_leads(executor_, support::scope_of(tenant), source,
                                     std::move(options), stamp, engine::testing::no_deadline));
    }
    ImportReport import(std::string_view text, ImportOptions options = {}) {
        return try_import(text, std::move(options)).value();
    }

    std::size_t stored() { return executor_.tables["leads"].size(); }

    MemoryExecutor executor_;
    std::uint32_t made_ = 0;
};

/// The report's counts and reasons in one comparison.
std::vector<std::string> lines_of(const ImportReport& report) {
    std::vector<std::string> lines{fmt::format("{} rows: {} imported, {} unchanged, {} refused",
                                               report.rows, report.imported, report.unchanged,
                                               report.refused_rows)};
    for (const auto& row : report.refused)
        lines.push_back(fmt::format("{}: {}", row.line, row.why()));
    return lines;
}

TEST_F(ImportTest, WritesGoodRowsInOneTransactionAndReportsTheRest) {
    const auto report =
        import("first_name,email\nAda,ada@example.com\nBob,bob\n,x@example.com\nCyd,\n");
    EXPECT_THAT(lines_of(report),
                ElementsAre("4 rows: 2 imported, 0 unchanged, 2 refused",
                            "3: email is not an address", "4: first_name is required"));
    EXPECT_EQ(report.refused.at(0), (RefusedRow{3, "email", "is not an address"}));
    EXPECT_THAT(executor_.transactions, ElementsAre(2));
    EXPECT_EQ(executor_.tables["leads"].at(0).at("tenant_id"),
              query::Value{schema::Text{"harborview"}});
}

TEST_F(ImportTest, SecondRunAddsNothing) {
    const std::string text = fmt::format(
        "lead_id,first_name,email\n{},Ada,ada@example.com\n,Bob,bob@example.com\n,Cyd,\n", id_1);
    EXPECT_EQ(import(text).imported, 3U);
    EXPECT_THAT(lines_of(import(text)), ElementsAre("3 rows: 0 imported, 3 unchanged, 0 refused"));
    EXPECT_EQ(stored(), 3U);
    EXPECT_THAT(executor_.transactions, ElementsAre(3));
}

TEST_F(ImportTest, RepetitionsAreRefused) {
    const auto text = fmt::format(
        "lead_id,first_name,email\n"
        "{0},Ada,ada@example.com\n"
        "{0},Bob,bob@example.com\n"
        "{1},Cyd,ADA@example.com\n"
        ",Dan,dan@example.com\n"
        ",Eve,dan@example.com\n"
        ",Fay,\n"
        ",Fay,\n",
        id_1, id_2);
    const std::vector<std::string> refused{
        "3: lead_id repeats an earlier row", "4: email repeats an earlier row of this tenant",
        "6: email repeats an earlier row of this tenant", "8: repeats an earlier row"};
    for (const auto* counts : {"7 rows: 3 imported, 0 unchanged, 4 refused",
                               "7 rows: 0 imported, 3 unchanged, 4 refused"}) {
        auto expected = refused;
        expected.insert(expected.begin(), counts);
        EXPECT_EQ(lines_of(import(text)), expected);
    }
}

TEST_F(ImportTest, AnAddressOfAnotherLeadOfTheTenantIsRefused) {
    import(fmt::format("lead_id,first_name,email\n{},Ada,ada@example.com\n", id_1));
    EXPECT_THAT(
        lines_of(import(fmt::format("lead_id,first_name,Email\n{},Ada,ada@example.com\n", id_2))),
        ElementsAre("1 rows: 0 imported, 0 unchanged, 1 refused",
                    "2: Email repeats an earlier row of this tenant"));
}

TEST_F(ImportTest, ARefusedRowTakesNothing) {
    const auto report =
        import(fmt::format("lead_id,first_name,email,status\n"
                           "{0},Ada,ada@example.com,maybe\n"
                           "{0},Bob,ada@example.com,new\n",
                           id_1));
    EXPECT_THAT(
        lines_of(report),
        ElementsAre("2 rows: 1 imported, 0 unchanged, 1 refused",
                    "2: status is not one of new, contacted, qualified, converted, closed"));
}

TEST_F(ImportTest, AnotherTenantsRowsAreNobodys) {
    const auto text = fmt::format("lead_id,first_name,email\n{},Ada,ada@example.com\n", id_1);
    EXPECT_EQ(import(text).imported, 1U);
    EXPECT_EQ(try_import(text, {}, "plateau").value().imported, 1U);
    EXPECT_EQ(stored(), 2U);
}

TEST_F(ImportTest, AgentsMustBeTheTenants) {
    const auto text = fmt::format("first_name,assigned_agent\nAda,{}\nBob,{}\nCyd,\n", id_1, id_2);
    MemoryExecutor::Row agent{{"tenant_id", schema::Text{"harborview"}},
                              {"id", parse_uuid(id_1).value()},
                              {"email", schema::Text{"a@b.example"}}};
    auto other = agent;
    other["tenant_id"] = schema::Text{"plateau"};
    other["id"] = parse_uuid(id_2).value();
    executor_.tables["agents"] = {agent, other};
    EXPECT_THAT(lines_of(import(text)),
                ElementsAre("3 rows: 2 imported, 0 unchanged, 1 refused",
                            "3: assigned_agent is not an agent of this tenant"));
}

TEST_F(ImportTest, DryRunReportsTheSameAndWritesNothing) {
    const auto text = "first_name,email\nAda,ada@example.com\nBob,ada@example.com\nCyd,cyd\n";
    const auto dry = import(text, {.dry_run = true});
    EXPECT_THAT(executor_.transactions, IsEmpty());
    EXPECT_EQ(dry, import(text));
}

TEST_F(ImportTest, MappingAndCountryCodeAreObeyed) {
    import("Vorname,Telefon\nAda,030 901820\n",
           {.rules = {{"Vorname", "first_name"}, {"Telefon", "phone"}},
            .country = CountryCode::parse("49").value()});
    EXPECT_EQ(executor_.tables["leads"].at(0).at("phone"),
              query::Value{schema::Text{"+4930901820"}});
}

TEST_F(ImportTest, FaultyFilesWriteNothing) {
    for (const auto* text : {"", "no header at all\n", "first_name,email\nAda,a@b.example\nBob",
                             "first_name,email\nAda,a@b.example\nBob,\"x\n",
                             "first_name,email\nAda,a@b.example\nB\xE9,\n"}) {
        const auto report = try_import(text);
        ASSERT_FALSE(report) << text;
        EXPECT_EQ(report.error().code, Errc::bad_file);
    }
    EXPECT_EQ(stored(), 0U);
}

TEST_F(ImportTest, ViewersMayNotImport) {
    const TextSource source{"first_name\nAda\n"};
    const auto report =
        wait_for(import_leads(executor_, support::scope_of("harborview", Role::viewer), source, {},
                              {Timestamp{}, [] { return Uuid{}; }}, engine::testing::no_deadline));
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, Errc::role_insufficient);
}

TEST_F(ImportTest, AWriteOfSomebodyElseMeanwhileIsAConflict) {
    executor_.refuse_write = [](std::size_t) {
        return fail(Errc::unique_violation, "email is taken", "email");
    };
    const auto report = try_import("first_name,email\nAda,ada@example.com\n");
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, Errc::conflict);
    EXPECT_THAT(report.error().message, HasSubstr("run it again"));
}

TEST_F(ImportTest, OtherErrorsPassAsTheyAre) {
    executor_.refuse_write = [](std::size_t) {
        return fail(Errc::storage_full, "the disk is full");
    };
    EXPECT_EQ(try_import("first_name\nAda\n").error(),
              fail(Errc::storage_full, "the disk is full"));
}

TEST_F(ImportTest, AnEmptyTenantIsNotLookedThrough) {
    import("first_name,email\nAda,ada@example.com\n");
    EXPECT_EQ(executor_.reads, 1U);
    import("first_name,email\nAda,ada@example.com\n");
    EXPECT_EQ(executor_.reads, 4U);
}

TEST_F(ImportTest, TellsHowFarItIs) {
    std::string text = "first_name,email\n";
    for (int i = 0; i < 1200; ++i) text += fmt::format("Ada,ada.{}@example.com\n", i);
    std::vector<ImportProgress> steps;
    import(text, {.progress = [&](const ImportProgress& step) { steps.push_back(step); }});
    ASSERT_EQ(steps.size(), 3U);
    EXPECT_EQ(steps.at(0).rows, 500U);
    EXPECT_LT(steps.at(0).bytes, steps.at(1).bytes);
    EXPECT_EQ(steps.at(2).rows, 1200U);
    EXPECT_EQ(steps.at(2).bytes, text.size());
    EXPECT_EQ(steps.at(2).bytes_total, text.size());
}

/// More rows than one part has, with a repetition of the first part's first row at the end.
std::string large_file(std::string_view last = "Ada,ada.0@example.com\n") {
    std::string text = "first_name,email\n";
    for (std::size_t i = 0; i < limits_of_import::part_rows_max + 10; ++i)
        text += fmt::format("Ada,ada.{}@example.com\n", i);
    return text.append(last);
}

TEST_F(ImportTest, WhatIsNoLongerPermittedWritesNothing) {
    int asked = 0;
    ImportOptions options;
    options.permit = [&]() -> Result<void> {
        ++asked;
        return fail(Errc::tenant_unavailable, "the tenant was suspended");
    };
    EXPECT_EQ(try_import("first_name\nAda\n", options).error().message, "the tenant was suspended");
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(stored(), 0U);
    std::string many = "first_name\n";
    for (int i = 0; i < 10'000; ++i) many += "Ada\n";
    asked = 0;
    EXPECT_EQ(try_import(many, options).error().code, Errc::tenant_unavailable);
    EXPECT_EQ(asked, 1) << "it ends where it is refused, not at the end of the file";
}

TEST_F(ImportTest, LargeFilesAreWrittenInParts) {
    const auto dry = import(large_file(), {.dry_run = true});
    const auto report = import(large_file());
    EXPECT_EQ(report, dry);
    EXPECT_EQ(report.imported, limits_of_import::part_rows_max + 10);
    EXPECT_THAT(executor_.transactions, ElementsAre(limits_of_import::part_rows_max, 10));
    EXPECT_THAT(report.refused,
                ElementsAre(RefusedRow{limits_of_import::part_rows_max + 12, "email",
                                       "repeats an earlier row of this tenant"}));
}

TEST_F(ImportTest, LargeFilesAreCheckedWholeBeforeTheFirstPartIsWritten) {
    const auto report = try_import(large_file("cut off"));
    ASSERT_FALSE(report);
    EXPECT_THAT(report.error().message, HasSubstr("the file ends in the middle of this row"));
    EXPECT_EQ(stored(), 0U);
}

TEST_F(ImportTest, AFailureAfterTheFirstPartSaysWhatIsStored) {
    executor_.refuse_write = [](std::size_t transaction) {
        return transaction == 0 ? std::nullopt
                                : std::optional{fail(Errc::storage_full, "the disk is full")};
    };
    EXPECT_THAT(try_import(large_file()).error().message,
                HasSubstr("the disk is full; 50000 leads of the file are stored"));
}

TEST_F(ImportTest, KeepsALimitedListOfRefusals) {
    std::string text = "first_name\n";
    for (std::size_t i = 0; i < limits_of_import::refused_listed_max + 5; ++i) text += "Ada,x\n";
    const auto report = import(text);
    EXPECT_EQ(report.refused_rows, limits_of_import::refused_listed_max + 5);
    EXPECT_EQ(report.refused.size(), limits_of_import::refused_listed_max);
}

}  // namespace
}  // namespace tenantry::services
