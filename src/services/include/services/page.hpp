#pragma once
/// Lists: which page is wanted, and what it holds.

#include "base/limits.hpp"
#include "base/timestamp.hpp"
#include "query/rows.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tenantry::services {

/// 1 to limits::page_rows_max rows.
class PageSize {
public:
    /// Errors: bad_value, out_of_range.
    static Result<PageSize> parse(std::string_view text, std::string_view field = "limit");
    PageSize() = default;
    std::uint32_t rows() const noexcept { return rows_; }

private:
    explicit PageSize(std::uint32_t rows) : rows_{rows} {}
    std::uint32_t rows_ = limits::page_rows_default;
};

/// Which page of a list: from an offset, or after a cursor that an earlier page gave.
struct PageRequest {
    PageSize limit{};
    std::uint64_t offset = 0;
    std::optional<std::string> after{};
};

struct Page {
    query::RowSet rows;
    std::int64_t total = 0;             // all that match, whatever the page
    std::optional<std::string> next{};  // cursor of the page after, if there is one
};

/// The state that a row was seen in. No two states of a row share one.
class RowVersion {
public:
    explicit RowVersion(Timestamp updated_at) noexcept : updated_at_{updated_at} {}
    /// Of row `row` of `rows`, which must have `updated_at` among its columns.
    static RowVersion of(const query::RowSet& rows, std::size_t row);
    /// As an entity tag's text writes it: microseconds since 1970 in hexadecimal.
    static std::optional<RowVersion> parse(std::string_view text);

    Timestamp updated_at() const noexcept { return updated_at_; }
    std::string text() const;

private:
    Timestamp updated_at_;
};

}  // namespace tenantry::services
