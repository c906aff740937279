#include "cli/command_line.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace tenantry::cli {
namespace {

Result<int> parse_even(std::string_view text) {
    if (text == "2") return 2;
    if (text == "4") return 4;
    return fail(Errc::bad_value, "this is an even number");
}

/// `tenantry thing do N [--also N]... [--loud]`, which notes what it was given.
class CommandLines : public testing::Test {
protected:
    void SetUp() override {
        auto command = line_.root().add("thing", "Things").add("do", "Does a thing");
        command.option("N", {.form = "", .help = "How many", .required = true}, number_, parse_even)
            .option("-x,--extra", {.form = "N", .help = "More"}, extra_, parse_even)
            .options("--also", {.form = "N", .help = "And these"}, also_, parse_even)
            .flag("--loud", "Say so", loud_)
            .refuse("--secret", "keep it to yourself")
            .examples("  tenantry thing do 2")
            .action([this] { return outcome_; });
    }

    ExitCode run(std::vector<const char*> arguments) {
        arguments.insert(arguments.begin(), "tenantry");
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const auto code = line_.run(static_cast<int>(arguments.size()), arguments.data());
        out_ = testing::internal::GetCapturedStdout();
        err_ = testing::internal::GetCapturedStderr();
        return code;
    }

    CommandLine line_{"A program", "tenantry 1", [](const std::exception& fault) {
                          return std::string{"fault: "} + fault.what();
                      }};
    std::optional<int> number_;
    std::optional<int> extra_;
    std::vector<int> also_;
    bool loud_ = false;
    Result<ExitCode> outcome_ = ExitCode::done;
    std::string out_;
    std::string err_;
};

TEST_F(CommandLines, HandCheckedValuesToTheCommand) {
    EXPECT_EQ(run({"thing", "do", "2", "--also", "2", "--also=4", "-x", "4", "--loud"}),
              ExitCode::done);
    EXPECT_EQ(number_, 2);
    EXPECT_EQ(extra_, 4);
    EXPECT_EQ(also_, (std::vector{2, 4}));
    EXPECT_TRUE(loud_);
    EXPECT_EQ(err_, "");
}

TEST_F(CommandLines, NameTheOptionAndTheHelpInAUsageError) {
    EXPECT_EQ(run({"thing", "do", "2", "--extra", "3"}), ExitCode::usage);
    EXPECT_EQ(err_, "tenantry: --extra: this is an even number; see: tenantry thing do --help\n");
    EXPECT_EQ(run({"thing", "do", "3"}), ExitCode::usage);
    EXPECT_EQ(err_, "tenantry: N: this is an even number; see: tenantry thing do --help\n");
}

TEST_F(CommandLines, RefuseWhatIsMissingUnknownOrTwice) {
    for (const auto& arguments :
         std::vector<std::vector<const char*>>{{},
                                               {"thing"},
                                               {"thing", "do"},
                                               {"other"},
                                               {"thing", "do", "2", "4"},
                                               {"thing", "do", "2", "--extra"},
                                               {"thing", "do", "2", "-x", "2", "-x", "4"},
                                               {"thing", "do", "2", "--what"},
                                               {"thing", "do", "2", "--loud=maybe"}}) {
        EXPECT_EQ(run(arguments), ExitCode::usage);
        EXPECT_TRUE(err_.starts_with("tenantry: ")) << err_;
        EXPECT_EQ(std::ranges::count(err_, '\n'), 1) << err_;
        EXPECT_EQ(out_, "");
    }
}

TEST_F(CommandLines, SayWhatToDoInsteadOfARefusedOption) {
    EXPECT_EQ(run({"thing", "do", "2", "--secret", "hunter2"}), ExitCode::usage);
    EXPECT_NE(err_.find("--secret: keep it to yourself"), std::string::npos) << err_;
    EXPECT_EQ(err_.find("hunter2"), std::string::npos) << err_;
    EXPECT_EQ(run({"thing", "do", "2", "--secret=hunter2"}), ExitCode::usage);
    EXPECT_EQ(err_.find("hunter2"), std::string::npos) << err_;
}

TEST_F(CommandLines, PrintHelpAndVersionToStandardOutput) {
    EXPECT_EQ(run({"--version"}), ExitCode::done);
    EXPECT_EQ(out_, "tenantry 1\n");
    EXPECT_EQ(run({"thing", "do", "--help"}), ExitCode::done);
    for (const std::string_view part : {"Does a thing", "-x,--extra N", "--also N", "--loud",
                                        "Examples:\n  tenantry thing do 2"}) {
        EXPECT_NE(out_.find(part), std::string::npos) << part << " is not in\n" << out_;
    }
    EXPECT_EQ(out_.find("--secret"), std::string::npos);
    EXPECT_EQ(err_, "");
}

TEST_F(CommandLines, TurnOutcomesIntoExitCodes) {
    outcome_ = ExitCode::failed;
    EXPECT_EQ(run({"thing", "do", "2"}), ExitCode::failed);
    outcome_ = fail(Errc::not_found, "it is gone\x1b[2J");
    EXPECT_EQ(run({"thing", "do", "2"}), ExitCode::failed);
    EXPECT_EQ(err_, "tenantry: it is gone?[2J\n");
    outcome_ = fail(Errc::bad_configuration, "it is odd");
    EXPECT_EQ(run({"thing", "do", "2"}), ExitCode::usage);
}

TEST_F(CommandLines, ExplainFaults) {
    line_.root().add("break", "Breaks").action([]() -> Result<ExitCode> {
        throw std::runtime_error{"broken"};
    });
    EXPECT_EQ(run({"break"}), ExitCode::failed);
    EXPECT_EQ(err_, "tenantry: fault: broken\n");
}

}  // namespace
}  // namespace tenantry::cli
