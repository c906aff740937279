#pragma once
/// What the black-box tests of the program share: a folder with a database in it.

#include "support/process.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace tenantry::cli {

class ProgramTest : public testing::Test {
protected:
    using Arguments = std::vector<std::string>;

    /// In the test's folder, with `environment`.
    support::Launch launch(Arguments arguments) const {
        return {.arguments = std::move(arguments),
                .environment = environment_,
                .folder = folder_.path()};
    }
    support::Ended run(Arguments arguments) const {
        return support::run(launch(std::move(arguments)));
    }

    /// Runs what must succeed without a word on standard error; returns its standard output.
    std::string done(Arguments arguments) const {
        const auto ended = run(std::move(arguments));
        EXPECT_EQ(ended.code, 0) << ended.err;
        EXPECT_EQ(ended.err, "");
        return ended.out;
    }
    boost::json::value done_json(Arguments arguments) const {
        arguments.emplace_back("--json");
        return boost::json::parse(done(std::move(arguments)));
    }

    /// Runs what must fail with `code` and one sentence, which is returned.
    std::string refused(int code, const support::Launch& launch) const {
        const auto ended = support::run(launch);
        EXPECT_EQ(ended.code, code) << ended.err;
        EXPECT_EQ(ended.out, "");
        EXPECT_TRUE(ended.err.starts_with("tenantry: ") && ended.err.ends_with('\n')) << ended.err;
        EXPECT_EQ(ended.err.find('\n'), ended.err.size() - 1) << ended.err;
        return ended.err;
    }
    std::string refused(int code, Arguments arguments) const {
        return refused(code, launch(std::move(arguments)));
    }

    std::filesystem::path path(std::string_view name) const { return folder_.path() / name; }

    /// A file of the examples.
    static std::string example(std::string_view name) {
        return std::string{TENANTRY_SOURCE_DIR} + "/examples/data/" + std::string{name};
    }

    support::TemporaryFolder folder_;
    std::map<std::string, std::string> environment_{};
};

/// Whether `text` holds all of `parts`.
inline testing::AssertionResult holds(std::string_view text,
                                      std::initializer_list<std::string_view> parts) {
    for (const auto part : parts) {
        if (text.find(part) == std::string_view::npos) {
            return testing::AssertionFailure() << '"' << part << "\" is not in: " << text;
        }
    }
    return testing::AssertionSuccess();
}

}  // namespace tenantry::cli
