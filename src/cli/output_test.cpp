#include "cli/output.hpp"

#include <gtest/gtest.h>

namespace tenantry::cli {
namespace {

TEST(Table, AlignsColumnsByCharacters) {
    EXPECT_EQ(table({{"ID", "NAME", "STATUS"}, {"a", "Éole", "active"}, {"abc", "x", "y"}}),
              "ID   NAME  STATUS\n"
              "a    Éole  active\n"
              "abc  x     y\n");
}

TEST(Table, CannotBeUsedToDriveTheTerminal) {
    EXPECT_EQ(table({{"a\x1b[2Jb", "c\nd"}}), "a?[2Jb  c?d\n");
    EXPECT_EQ(printable("tab\tbell\a \xFF"), "tab?bell? ?");
}

TEST(Progress, FillsTheBar) {
    EXPECT_EQ(progress_line(0, 10, 4), "[....]   0%");
    EXPECT_EQ(progress_line(5, 10, 4), "[##..]  50%");
    EXPECT_EQ(progress_line(10, 10, 4), "[####] 100%");
    EXPECT_EQ(progress_line(0, 0, 4), "[####] 100%") << "an empty file is read at once";
    EXPECT_EQ(progress_line(20, 10, 4), "[####] 100%") << "a file that grew";
}

}  // namespace
}  // namespace tenantry::cli
