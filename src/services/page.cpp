#include "services/page.hpp"

#include <fmt/format.h>

#include <charconv>
#include <variant>

namespace tenantry::services {

Result<PageSize> PageSize::parse(std::string_view text, std::string_view field) {
    std::uint32_t rows = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, rows);
    if (error == std::errc::invalid_argument || stopped != end) {
        return fail(Errc::bad_value, fmt::format("{} is not a whole number", field),
                    std::string{field});
    }
    if (error != std::errc{} || rows < 1 || rows > limits::page_rows_max) {
        return fail(Errc::out_of_range,
                    fmt::format("{} must be from 1 to {}", field, limits::page_rows_max),
                    std::string{field});
    }
    return PageSize{rows};
}

RowVersion RowVersion::of(const query::RowSet& rows, std::size_t row) {
    return RowVersion{std::get<Timestamp>(rows.value(row, "updated_at"))};
}

std::optional<RowVersion> RowVersion::parse(std::string_view text) {
    std::int64_t micros = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, micros, 16);
    if (text.empty() || error != std::errc{} || stopped != end) return std::nullopt;
    return RowVersion{Timestamp{std::chrono::microseconds{micros}}};
}

std::string RowVersion::text() const {
    return fmt::format("{:x}", updated_at_.time_since_epoch().count());
}

}  // namespace tenantry::services
