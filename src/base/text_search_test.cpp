#include "base/text_search.hpp"

#include "search_words.hpp"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

namespace tenantry {
namespace {

using enum SearchSyntax;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> out;
    for (auto& [word, place] : words_in(text)) out.push_back(std::move(word));
    return out;
}

bool found(std::string_view query, std::string_view text, SearchSyntax syntax = operators) {
    const auto search = TextSearch::parse(query, syntax);
    EXPECT_TRUE(search) << query << ": " << (search ? "" : search.error().message);
    return search && search->found_in(text);
}

std::string refusal(std::string_view query) {
    const auto search = TextSearch::parse(query, operators);
    return search ? "none" : search.error().message;
}

constexpr std::string_view text = "The fat cat sat on a mat; Ærøskøbing's cats didn't.";

TEST(TextSearch, WordsAreLettersAndDigitsOfAllScripts) {
    EXPECT_THAT(words("One, TWO_three; 4you"), ElementsAre("one", "two", "three", "4you"));
    EXPECT_THAT(words("Ünal — МОСКВА 東京"), ElementsAre("ünal", "москва", "東京"));
    EXPECT_THAT(words("well-known x-"), ElementsAre("well-known", "well", "known", "x"));
    EXPECT_THAT(words("12-34"), ElementsAre("12", "34"));
    EXPECT_THAT(words(" ...\xFF "), ElementsAre());
}

TEST(TextSearch, OperatorsJoinWords) {
    EXPECT_TRUE(found("fat & CAT", text));
    EXPECT_FALSE(found("fat & dog", text));
    EXPECT_TRUE(found("dog | mat", text));
    EXPECT_TRUE(found("fat & !dog", text));
    EXPECT_FALSE(found("!fat", text));
    EXPECT_TRUE(found("ærø:*", text));
    EXPECT_FALSE(found("ærø", text));
    EXPECT_TRUE(found("dog | fat & (rat | sat)", text));
    EXPECT_FALSE(found("(dog | fat) & rat", text));
    EXPECT_TRUE(found("'fat cat' & 'didn''t'", text));
    EXPECT_TRUE(found("mat:*d", text));
    EXPECT_FALSE(found("mat:A", text)) << "a column has no such weight";
}

TEST(TextSearch, PhrasesCountPlaces) {
    EXPECT_TRUE(found("fat <-> cat <-> sat", text));
    EXPECT_FALSE(found("cat <-> fat", text));
    EXPECT_TRUE(found("fat <2> sat", text));
    EXPECT_FALSE(found("fat <1> sat", text));
    EXPECT_TRUE(found("fat <-> (dog | cat)", text));
    EXPECT_TRUE(found("!dog <-> cat", text));
    EXPECT_FALSE(found("!fat <-> cat", text));
    EXPECT_TRUE(found("fat <0> fat", text));
    EXPECT_TRUE(found("fat <-> '.' <-> sat", text)) << "what has no word takes its place";
}

TEST(TextSearch, PlainWordsAndPhrases) {
    EXPECT_TRUE(found("mat & the, fat!", text, plain));
    EXPECT_FALSE(found("mat dog", text, plain));
    EXPECT_TRUE(found("the FAT cat", text, phrase));
    EXPECT_FALSE(found("fat the cat", text, phrase));
}

TEST(TextSearch, TheWebsWayHasNoMistakes) {
    EXPECT_TRUE(found("\"fat cat\" -dog", text, web));
    EXPECT_FALSE(found("\"cat fat\"", text, web));
    EXPECT_TRUE(found("dog or cat", text, web));
    EXPECT_TRUE(found("dog OR \"sat on", text, web));
    EXPECT_FALSE(found("-cat", text, web));
    EXPECT_FALSE(found("cat or", text, web)) << "at the end it is a word";
    EXPECT_TRUE(found("((cat & : ) -", text, web));
    EXPECT_FALSE(found("", text, web));
}

TEST(TextSearch, NoWordFindsNothing) {
    for (const auto syntax : {operators, plain, phrase, web}) {
        EXPECT_FALSE(found("", text, syntax));
        EXPECT_FALSE(found("'.'", text, syntax));
    }
    EXPECT_FALSE(found("cat", ""));
    EXPECT_TRUE(found("!cat", ""));
}

TEST(TextSearch, MistakesAreNamed) {
    EXPECT_THAT(refusal("fat cat"), HasSubstr("lacks an operator before 'cat'"));
    EXPECT_THAT(refusal("fat &"), HasSubstr("ends where a word is expected"));
    EXPECT_THAT(refusal("& fat"), HasSubstr("has '&' where a word is expected"));
    EXPECT_THAT(refusal("(fat"), HasSubstr("'(' that is not closed"));
    EXPECT_THAT(refusal("fat)"), HasSubstr("before ')'"));
    EXPECT_THAT(refusal("'fat"), HasSubstr("quote that is not closed"));
    EXPECT_THAT(refusal("fat\\"), HasSubstr("ends in an escape"));
    EXPECT_THAT(refusal("fat <x> cat"), HasSubstr("no '<->' or '<N>'"));
    EXPECT_THAT(refusal("fat <99999> cat"), HasSubstr("a distance above 16384"));
    EXPECT_THAT(refusal(std::string(40, '(')), HasSubstr("nests deeper than 32"));
    EXPECT_THAT(refusal(std::string(2000, 'a')), HasSubstr("longer than 1024 bytes"));
}

TEST(TextSearch, NoPhraseGoesFromOneTextToTheNext) {
    const std::vector<std::string_view> texts{"fat cat", "", "!", "sat down"};
    const auto found_in_them = [&](std::string_view query) {
        return TextSearch::parse(query, operators).value().found_in(texts);
    };
    EXPECT_TRUE(found_in_them("cat & sat"));
    EXPECT_TRUE(found_in_them("fat <-> cat"));
    EXPECT_TRUE(found_in_them("sat <-> down"));
    EXPECT_FALSE(found_in_them("cat <-> sat"));
    EXPECT_TRUE(found_in_them("cat <2> sat")) << "one place lies between";
    EXPECT_FALSE(
        TextSearch::parse("cat", operators).value().found_in(std::vector<std::string_view>{}));
}

TEST(TextSearch, AnyWordOfATextFindsIt) {
    rc::check([](const std::string& any) {
        for (const auto& [word, place] : words_in(any)) {
            for (const auto syntax : {plain, phrase, web}) {
                if (word.size() <= TextSearch::query_bytes_max && word != "or")
                    RC_ASSERT(TextSearch::parse(word, syntax).value().found_in(any));
            }
        }
    });
}

}  // namespace
}  // namespace tenantry
