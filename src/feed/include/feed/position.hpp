#pragma once
/// Places in a tenant's feed, and their text for clients: cursors.
///
/// A feed has an epoch, 16 random hexadecimal digits that the database makes with the feed's first
/// change. It is another one in every tenant, and after a restore or a move to another database,
/// where the same numbers would mean other changes. So a cursor of another feed is found out.
///
/// The text is `<epoch>-<seq>`, or `0` for the beginning of whatever feed there is. It grants
/// nothing: reading takes a scope. Threads: values.

#include "base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace tenantry::feed {

/// After the change `seq`; 0: before the first.
struct Position {
    std::string epoch{};  // empty: of whatever feed there is
    std::int64_t seq = 0;

    friend bool operator==(const Position&, const Position&) = default;
};

/// Also reads a bare number, which names no feed. Errors: bad_cursor.
Result<Position> parse_position(std::string_view text);
std::string to_text(const Position& position);

}  // namespace tenantry::feed
