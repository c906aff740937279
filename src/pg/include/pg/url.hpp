#pragma once
/// Where a PostgreSQL database is: `postgres://user:password@host:port/database?option=value`, as
/// libpq reads it.

#include "base/error.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenantry::pg {

class Url {
public:
    /// Checks the form and the names of the options; what is absent, libpq takes from its
    /// environment (PGHOST, PGPASSWORD, …), ~/.pgpass or its defaults.
    /// Errors: bad_value; the text never repeats the URL, which may hold a password.
    static Result<Url> parse(std::string_view text);

    /// For libpq alone: it may hold a password.
    const std::string& secret_text() const noexcept { return text_; }
    /// Without passwords, for people.
    std::string shown() const;
    /// What the URL itself says about `keyword` (`host`, `user`, `dbname`), empty if nothing.
    std::string option(std::string_view keyword) const;
    /// The same place for another role.
    Url with_login(std::string_view user, std::string_view password) const;

    friend bool operator==(const Url&, const Url&) = default;

private:
    using Options = std::vector<std::pair<std::string, std::string>>;
    Url(std::string text, Options options) : text_{std::move(text)}, options_{std::move(options)} {}
    std::string text_;
    Options options_;
};

}  // namespace tenantry::pg
