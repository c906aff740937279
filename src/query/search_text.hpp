#pragma once
/// The operators of full-text search as the request grammar writes them: `fts`, `wfts(english)`.

#include "query/algebra.hpp"
#include "text_scanner.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tenantry::query {

/// nullopt if `word` is no such operator.
std::optional<SearchSyntax> search_syntax_of(std::string_view word) noexcept;

/// The configuration in parentheses, if one stands here; empty if not.
/// Errors: bad_query for one that isn't there, as a sentence without its subject.
Result<std::string_view> configuration_at(TextScanner& in);

/// The operator, with its configuration.
std::string text_of(const Search& search);

}  // namespace tenantry::query
