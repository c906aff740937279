#include "search_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tenantry::query {
namespace {

constexpr std::array<std::pair<std::string_view, SearchSyntax>, 4> operators{
    {{"fts", SearchSyntax::operators},
     {"plfts", SearchSyntax::plain},
     {"phfts", SearchSyntax::phrase},
     {"wfts", SearchSyntax::web}}};

// The server writes them into statements, so they can't be any name.
constexpr std::array<std::string_view, 29> configurations{
    "simple",  "arabic",    "armenian",   "basque",   "catalan", "danish",
    "dutch",   "english",   "finnish",    "french",   "german",  "greek",
    "hindi",   "hungarian", "indonesian", "irish",    "italian", "lithuanian",
    "nepali",  "norwegian", "portuguese", "romanian", "russian", "serbian",
    "spanish", "swedish",   "tamil",      "turkish",  "yiddish"};

}  // namespace

std::span<const std::string_view> search_configurations() noexcept { return configurations; }

std::optional<SearchSyntax> search_syntax_of(std::string_view word) noexcept {
    const auto* found = std::ranges::find(operators, word, [](const auto& o) { return o.first; });
    if (found == operators.end()) return std::nullopt;
    return found->second;
}

Result<std::string_view> configuration_at(TextScanner& in) {
    if (!in.skip("(")) return std::string_view{};
    const auto word = in.word();
    const auto* found = std::ranges::find(configurations, word);
    if (found != configurations.end() && in.skip(")")) return *found;
    return fail(Errc::bad_query,
                fmt::format("is searched with a configuration that is not known; there are {}",
                            fmt::join(configurations, ", ")));
}

std::string text_of(const Search& search) {
    const auto* found =
        std::ranges::find(operators, search.syntax, [](const auto& o) { return o.second; });
    if (search.configuration.empty()) return std::string{found->first};
    return fmt::format("{}({})", found->first, search.configuration);
}

}  // namespace tenantry::query
