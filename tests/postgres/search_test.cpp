/// What full-text search finds on SQLite is what PostgreSQL finds with the configuration `simple`.

#include "base/text_search.hpp"

#include "fixture.hpp"

#include <fmt/format.h>

#include <random>
#include <string>
#include <vector>

namespace tenantry::engine::postgres {
namespace {

class Drawn {
public:
    explicit Drawn(std::uint32_t seed) : random_{seed} {}

    std::string text() {
        std::string out;
        for (auto count = below(8); count > 0; --count) {
            out += of({"a", "B", "cat", "cats", "well-known", "x", "Ünal", "7"});
            out += of({" ", ", ", "; ", " - ", "! ", " (", ") "});
        }
        return out;
    }

    std::string query(SearchSyntax syntax) {
        if (syntax == SearchSyntax::operators) return term(3);
        std::string out;
        for (auto count = below(5); count > 0; --count)
            out += of({"a", "-b", "\"a b\"", "or", ":", "cat", "well-known", "&", "\"", "-", ":x",
                       "x:or", "&or", "OR "}) +
                   " ";
        return out;
    }

private:
    std::size_t below(std::size_t end) { return random_() % end; }
    std::string of(const std::vector<std::string>& choices) {
        return choices[below(choices.size())];
    }

    std::string term(int depth) {
        if (depth == 0 || below(3) == 0)
            return of({"a", "b", "cat:*", "'a b'", "well-known", "x", "ünal", "'.'", "cat:A", "7"});
        const auto left = term(depth - 1);
        if (below(4) == 0) return fmt::format("!({})", left);
        const auto joined = of({"&", "|", "<->", "<2>", "&"});
        return fmt::format("({} {} {})", left, joined, term(depth - 1));
    }

    std::mt19937 random_;
};

class SearchTest : public PostgresTest {
protected:
    SearchTest() : PostgresTest{false}, client_{connect("postgres")} {}

    bool found_by_postgres(const std::string& query, const std::string& text, SearchSyntax syntax) {
        constexpr const char* makers[] = {"to_tsquery", "plainto_tsquery", "phraseto_tsquery",
                                          "websearch_to_tsquery"};
        const auto answer = client_.run(
            fmt::format("SELECT (to_tsvector('simple', {}) @@ {}('simple', {}))::text",
                        literal(text), makers[static_cast<std::size_t>(syntax)], literal(query)));
        return pg::text_at(answer.rows, 0, 0) == "true";
    }

private:
    static std::string literal(const std::string& text) {
        std::string out = "'";
        for (const char c : text) out += c == '\'' ? "''" : std::string(1, c);
        return out + "'";
    }

    pg::Client client_;
};

TEST_F(SearchTest, FindsTheSameWithoutPostgres) {
    constexpr int tries = 400;
    Drawn draw{20261128};
    for (const auto syntax :
         {SearchSyntax::operators, SearchSyntax::plain, SearchSyntax::phrase, SearchSyntax::web}) {
        for (int i = 0; i < tries; ++i) {
            const auto query = draw.query(syntax);
            const auto text = draw.text();
            const auto search = TextSearch::parse(query, syntax);
            ASSERT_TRUE(search) << query << ": " << search.error().message;
            EXPECT_EQ(search->found_in(text), found_by_postgres(query, text, syntax))
                << "query: " << query << "\ntext: " << text
                << "\nsyntax: " << static_cast<int>(syntax);
        }
    }
}

}  // namespace
}  // namespace tenantry::engine::postgres
