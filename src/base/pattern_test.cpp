#include "base/pattern.hpp"

#include <gtest/gtest.h>

namespace tenantry {
namespace {

struct Case3 {
    std::string_view pattern;
    std::string_view text;
    bool matches;
};

TEST(Like, PatternsMatchTheWholeText) {
    for (const auto& [pattern, text, matches] : std::initializer_list<Case3>{
             {"", "", true},           {"", "a", false},           {"abc", "abc", true},
             {"abc", "ABC", false},    {"a%", "abc", true},        {"%c", "abc", true},
             {"*c", "abc", false},     {"%b%", "abc", true},       {"%%", "", true},
             {"a_c", "abc", true},     {"a_c", "aéc", true},       {"a__c", "aéc", false},
             {"_", "", false},         {"a\\%", "a%", true},       {"a\\%", "ab", false},
             {"\\_", "_", true},       {"a%b%c", "a1b2b3c", true}, {"a%b%c", "a1b2b3d", false},
             {"%aab", "aaaaab", true},
         }) {
        EXPECT_EQ(like(text, pattern, LetterCase::matters), matches) << pattern << " " << text;
    }
    EXPECT_TRUE(like("TORONTO", "%ron%", LetterCase::ignored));
}

TEST(Like, StarsAreWrittenForPercentSigns) {
    EXPECT_EQ(pattern_of_stars("*a*%\\*b\\%\\"), "%a%%*b\\%\\");
}

bool found(std::string_view pattern, std::string_view text,
           LetterCase letters = LetterCase::matters) {
    return Regex::parse(pattern, letters).value().found_in(text);
}

TEST(Regex, IsFoundAnywhere) {
    for (const auto& [pattern, text, matches] : std::initializer_list<Case3>{
             {"", "", true},
             {"b", "abc", true},
             {"^b", "abc", false},
             {"^a.c$", "abc", true},
             {"^a.c$", "aéc", true},
             {"c$", "abc", true},
             {"b$", "abc", false},
             {"^$", "", true},
             {"^$", "x", false},
             {"a|x", "x", true},
             {"^(ab|cd)+$", "abcdab", true},
             {"^(?:ab|cd)+$", "abcda", false},
             {"^a{2,3}$", "aa", true},
             {"^a{2,3}$", "aaaa", false},
             {"^a{2}$", "aa", true},
             {"^a{2,}$", "aaaaa", true},
             {"^a{0}$", "", true},
             {"colou?r", "the color", true},
             {"^[a-c]+$", "abcabc", true},
             {"^[^a-c]+$", "xyé", true},
             {"^[]x]+$", "]x", true},
             {"^[a-]+$", "a-", true},
             {"\\d+", "a12", true},
             {"^\\w+\\s\\W$", "ab_1 !", true},
             {"^\\D$", "1", false},
             {"^[\\d.]+$", "1.5", true},
             {"1\\.5", "1x5", false},
             {"\\n", "a\nb", true},
             {"é+", "ééa", true},
             {"(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false},
         }) {
        EXPECT_EQ(found(pattern, text), matches) << pattern << " " << text;
    }
    EXPECT_TRUE(found("^ABC[d-f]$", "abcE", LetterCase::ignored));
    EXPECT_FALSE(found("^ABC$", "abc"));
}

TEST(Regex, WhatIsNotUnderstoodIsRefused) {
    for (const auto* pattern :
         {"(", ")", "a)", "[", "[a", "*", "a{", "a{1", "a{2,1}", "a{999}", "|*", "\\", "\\q",
          "(?=a)", "[b-a]", "[[:alpha:]]", "{2}", "((((((((((((((((((((a))))))))))))))))))))"}) {
        EXPECT_FALSE(Regex::parse(pattern, LetterCase::matters)) << pattern;
    }
    EXPECT_FALSE(Regex::parse("(((a{100}){100}){100})", LetterCase::matters));
    EXPECT_FALSE(Regex::parse(std::string(300, 'a'), LetterCase::matters));
}

TEST(Regex, NoPatternTakesLong) {
    const std::string text(20'000, 'a');
    EXPECT_FALSE(found("^(a|a|aa)*(a?){20}b$", text));
}

}  // namespace
}  // namespace tenantry
