#pragma once
/// A change as `postgres_changes` tells it. The text is the same for all subscribers of the tenant,
/// so each thread makes it once and copies it: `{"schema":"public","table":…,"commit_timestamp":…,
/// "type":"INSERT","columns":[{"name","type"}…],"record":{…},"old_record":{…},"errors":null,
/// "seq":…,"cursor":…}`, `record` of a delete and `old_record` of an insert absent.

#include "feed/change.hpp"
#include "schema/catalog.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace tenantry::http::realtime {

/// Names of columns; without any, all.
using Selection = std::set<std::string, std::less<>>;

/// `epoch`: of the feed that the change is in. Threads: a pure function.
std::string change_text(const feed::Change& change, std::string_view epoch,
                        const Selection& selected = {});

/// The name that PostgreSQL has for the type.
std::string_view postgres_type(schema::ColumnType type) noexcept;

/// Texts of the last changes. A change is known by its address for as long as it lives. Threads:
/// one.
class ChangeTexts {
public:
    static constexpr std::size_t slots = 1024;
    static constexpr std::size_t text_bytes_max = 8UL * 1024;  // longer ones aren't kept
    /// Valid until the next call.
    const std::string& of(const feed::ChangePtr& change, std::string_view epoch);

private:
    struct Slot {
        std::weak_ptr<const feed::Change> change;
        std::string text;
    };
    std::array<Slot, slots> slots_;
    std::string long_text_;
};

}  // namespace tenantry::http::realtime
