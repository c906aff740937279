#pragma once
/// Names and values as the request grammar writes them (request_text.hpp).

#include "query/algebra.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tenantry::query {

/// A quoted name is never a word of the grammar.
struct Name {
    std::string text;
    bool quoted = false;

    bool is_word(std::string_view word) const noexcept { return !quoted && text == word; }
};

/// Walks once through decoded text. Borrows it.
class TextScanner {
public:
    explicit TextScanner(std::string_view text) noexcept : rest_{text} {}

    bool done() const noexcept { return rest_.empty(); }
    /// What has not been read yet.
    std::string_view rest() const noexcept { return rest_; }
    bool sees(std::string_view text) const noexcept { return rest_.starts_with(text); }
    bool skip(std::string_view text) noexcept;
    void skip_spaces() noexcept;
    /// The ASCII letters and underscores from here on; may be empty.
    std::string_view word() noexcept;
    /// All that is left.
    std::string_view remainder() noexcept;
    /// Errors: bad_query.
    Result<Name> name();
    /// `->a->0->>b` if there is one here; each step may be quoted. Errors: bad_query.
    Result<std::optional<JsonPath>> path();
    /// A value within a list or group: quoted, or up to the next `,` or `)`. Errors: bad_query.
    Result<std::string> value();
    /// As `value`, or from a `{` to its `}`. Errors: bad_query.
    Result<std::string> literal();

private:
    Result<std::string> quoted();

    std::string_view rest_;
};

/// Appends a name, quoted where it has to be.
void append_name(std::string& out, std::string_view name);

/// Appends `->a->>b`.
void append_path(std::string& out, const JsonPath& path);

/// Appends a value as it stands within a list or group.
void append_value(std::string& out, std::string_view value);

/// The start of `text`, for an error message.
std::string excerpt(std::string_view text);

}  // namespace tenantry::query
