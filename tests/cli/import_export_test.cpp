#include "program_test.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace tenantry::cli {
namespace {

constexpr std::string_view small_file =
    "First Name,Email Address,Memo,Owner\n"
    "Ann,ann@example.com,call back,Lee\n"
    "Bob,bob@example.com,,Lee\n";

class Files : public ProgramTest {
protected:
    void SetUp() override { done({"tenant", "create", "acme"}); }

    static Arguments import(std::string file, Arguments more = {}) {
        more.insert(more.begin(), {"import", "leads", std::move(file), "--tenant", "acme"});
        return more;
    }
    std::string exported(const std::string& tenant = "acme") const {
        return done({"export", "--tenant", tenant});
    }
    std::string exported_lines() const {
        return done({"export", "--tenant", "acme", "--format", "ndjson"});
    }
    std::ptrdiff_t count() const { return std::ranges::count(exported_lines(), '\n'); }
};

TEST_F(Files, OfGoodRowsAreImportedOnce) {
    const auto first = done_json(import(example("harborview-leads.csv")));
    EXPECT_EQ(first.at("imported"), 5000);
    EXPECT_EQ(first.at("unchanged"), 0);
    EXPECT_EQ(first.at("refused_rows"), 0);
    const auto stored = exported();
    EXPECT_EQ(done(import(example("harborview-leads.csv"))),
              "Imported 0 of 5000 rows into acme; 5000 were there already\n");
    EXPECT_EQ(exported(), stored);
    EXPECT_EQ(count(), 5000);
}

TEST_F(Files, FromAnotherSystemAreImportedOnce) {
    EXPECT_EQ(done_json(import(example("plateau-leads-crm-export.csv"))).at("imported"), 2000);
    EXPECT_EQ(done_json(import(example("plateau-leads-crm-export.csv"))).at("unchanged"), 2000);
    EXPECT_EQ(count(), 2000);
}

TEST_F(Files, WithBadRowsAreReportedRowByRow) {
    auto arguments = import(example("messy-leads.csv"), {"--json"});
    for (const auto& [imported, unchanged] : {std::pair{504, 0}, std::pair{0, 504}}) {
        const auto ended = run(arguments);
        EXPECT_EQ(ended.code, 1) << "rows were refused";
        EXPECT_EQ(ended.err, "");
        const auto report = boost::json::parse(ended.out);
        EXPECT_EQ(report.at("rows"), 600);
        EXPECT_EQ(report.at("imported"), imported);
        EXPECT_EQ(report.at("unchanged"), unchanged);
        EXPECT_EQ(report.at("refused_rows"), 96);

        const auto expected =
            boost::json::parse(support::read_file(example("messy-leads.expected.json")));
        const auto& refused = report.at("refused").as_array();
        const auto& rejected = expected.at("rejected").as_array();
        ASSERT_EQ(refused.size(), rejected.size());
        for (std::size_t i = 0; i < refused.size(); ++i) {
            EXPECT_EQ(refused[i].at("line"), rejected[i].at("line"));
            EXPECT_EQ(refused[i].at("reason"), rejected[i].at("why"));
        }
    }
    EXPECT_EQ(count(), 504);
}

TEST_F(Files, WithBadRowsAreReportedToPeopleAsATable) {
    const auto ended = run(import(example("messy-leads.csv")));
    EXPECT_EQ(ended.code, 1);
    EXPECT_EQ(ended.err, "");
    EXPECT_TRUE(ended.out.starts_with("Imported 504 of 600 rows into acme; 96 refused\n\nLINE"))
        << ended.out.substr(0, 200);
    EXPECT_TRUE(holds(ended.out, {"COLUMN", "REASON", "email is not an address"}));
    EXPECT_EQ(std::ranges::count(ended.out, '\n'), 2 + 1 + 96);
}

TEST_F(Files, OfADryRunChangeNothing) {
    EXPECT_EQ(done(import(example("harborview-leads.csv"), {"--dry-run"})),
              "Would import 5000 of 5000 rows into acme\n");
    EXPECT_EQ(done_json(import(example("harborview-leads.csv"), {"--dry-run"})).at("dry_run"),
              true);
    EXPECT_EQ(count(), 0);
}

TEST_F(Files, FollowTheMappingOfTheCommandLineBeforeThatOfAFile) {
    support::write_file(path("small.csv"), small_file);
    support::write_file(path("mapping.toml"),
                        "[columns]\n\"Memo\" = \"-\"\n\"Owner\" = \"source\"\n");
    done(import("small.csv", {"--map", "Memo=metadata.notes", "--mapping", "mapping.toml"}));
    const auto rows = exported_lines();
    EXPECT_TRUE(holds(rows, {R"("source":"Lee")", R"("notes":"call back")"}));
}

TEST_F(Files, AskForAProperMapping) {
    support::write_file(path("small.csv"), small_file);
    EXPECT_TRUE(holds(refused(1, import("small.csv", {"--mapping", "gone.toml"})), {"gone.toml"}));
    support::write_file(path("broken.toml"), "[columns\n");
    EXPECT_TRUE(holds(refused(1, import("small.csv", {"--mapping", "broken.toml"})),
                      {"the mapping file broken.toml: "}));
    EXPECT_TRUE(holds(refused(2, import("small.csv", {"--map", "no equals sign"})), {"--map: "}));
    EXPECT_TRUE(holds(refused(2, import("small.csv", {"--map", "Memo=no_such_column"})),
                      {"Memo", "column of leads"}));
    EXPECT_TRUE(
        holds(refused(2, import("small.csv", {"--country-code", "one"})), {"--country-code: "}));
    EXPECT_EQ(count(), 0);
}

TEST_F(Files, ThatAreDamagedAreRefusedAsAWhole) {
    const auto good = support::read_file(example("harborview-leads.csv"));
    support::write_file(path("empty.csv"), "");
    support::write_file(path("cut.csv"), good.substr(0, good.size() - 100));
    support::write_file(path("binary.csv"),
                        good.substr(0, 5000) + std::string("\0\x01\x02", 3) + good.substr(5000));
    support::write_file(path("prose.csv"), "Dear Sir,\nplease find enclosed our leads.\n");
    support::write_file(path("utf16.csv"), std::string("\xFF\xFE"
                                                       "f\0i\0",
                                                       6));
    for (const char* file :
         {"empty.csv", "cut.csv", "binary.csv", "prose.csv", "utf16.csv", "gone.csv", "."}) {
        refused(1, import(file));
        EXPECT_EQ(count(), 0) << file;
    }
}

TEST_F(Files, AreReadUnderAProgressBarOnATerminal) {
    auto launched = launch(import(example("harborview-leads.csv")));
    launched.environment["TERM"] = "xterm";
    const auto shown = support::run_on_terminal(launched);
    EXPECT_EQ(shown.code, 0);
    EXPECT_TRUE(holds(shown.out,
                      {"\rImporting [", "%", "\r\x1b[K", "Imported 5000 of 5000 rows into acme"}));

    launched.environment["TERM"] = "dumb";
    EXPECT_FALSE(holds(support::run_on_terminal(launched).out, {"Importing ["}));
}

TEST_F(Files, ExportedAreImportedAgainAsTheyWere) {
    done(import(example("plateau-leads-crm-export.csv")));
    const auto original = exported();
    support::write_file(path("out.csv"), original);
    done({"tenant", "create", "beta"});
    done({"import", "leads", "out.csv", "--tenant", "beta"});
    EXPECT_EQ(exported("beta"), original);
}

TEST_F(Files, AreExportedWholeOrNotAtAll) {
    done(import(example("harborview-leads.csv")));
    EXPECT_EQ(done({"export", "--tenant", "acme", "--output", "out.csv"}),
              "Exported 5000 leads of acme to out.csv\n");
    const auto whole = support::read_file(path("out.csv"));
    EXPECT_EQ(whole, exported());
    EXPECT_EQ(std::filesystem::status(path("out.csv")).permissions(), std::filesystem::perms{0600});

    support::write_file(path("out.csv"), "old");
    done({"export", "--tenant", "acme", "--output", "out.csv"});
    EXPECT_EQ(support::read_file(path("out.csv")), whole);

    // No room for more than a part of it.
    support::write_file(path("out.csv"), "old");
    const auto before = folder_.names();
    auto cramped = launch({"export", "--tenant", "acme", "-o", "out.csv"});
    cramped.file_bytes_max = 256UL * 1024;
    EXPECT_TRUE(holds(refused(1, cramped), {"cannot write out.csv", "make room"}));
    EXPECT_EQ(support::read_file(path("out.csv")), "old");
    refused(1, {"export", "--tenant", "nobody", "-o", "out.csv"});
    EXPECT_EQ(support::read_file(path("out.csv")), "old");
    EXPECT_EQ(folder_.names(), before) << "nothing temporary is left";
}

TEST_F(Files, AreExportedOnlyToWhereAFileCanBe) {
    EXPECT_TRUE(holds(refused(1, {"export", "--tenant", "acme", "-o", "gone/out.csv"}),
                      {"there is no folder gone", "create it"}));
    EXPECT_TRUE(
        holds(refused(1, {"export", "--tenant", "acme", "-o", "/dev/null"}), {"it is no file"}));
    EXPECT_TRUE(
        holds(refused(2, {"export", "--tenant", "acme", "--format", "xml"}), {"--format: "}));
}

TEST_F(Files, ThatCannotBeWrittenOutAreAnError) {
    done(import(example("harborview-leads.csv")));
    for (const auto& command : {Arguments{"export", "--tenant", "acme"},
                                Arguments{"tenant", "list"}, Arguments{"version"}}) {
        auto full = launch(command);
        full.output = "/dev/full";
        EXPECT_TRUE(holds(refused(1, full), {"cannot write to standard output: No space left"}));
        auto closed = launch(command);
        closed.closed_output = true;
        EXPECT_TRUE(holds(refused(1, closed), {"cannot write to standard output"}));
    }
}

}  // namespace
}  // namespace tenantry::cli
