#pragma once
/// One committed change of a tenant's row. Immutable once made, and shared by whoever follows the
/// feed. Threads: any may read.

#include "base/id.hpp"
#include "base/timestamp.hpp"
#include "schema/catalog.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::feed {

enum class Op { insert, update, delete_ };

/// "insert", "update", "delete": as the database keeps them and the API gives them.
std::string_view name_of(Op op) noexcept;

/// A row as it was at some moment, without its sealed columns.
struct RowImage {
    /// In the order of query::all_columns of the relation; empty: there is no row.
    std::vector<schema::Value> values{};
    /// The row as every answer of the API gives it: `{"tenant_id":…,"id":…,…}`; empty likewise.
    std::string json{};

    bool exists() const noexcept { return !values.empty(); }
};

struct Change {
    std::int64_t seq = 0;  // 1 and on, without gaps within the tenant, in the order of commits
    const schema::Relation* relation = nullptr;
    Op op = Op::insert;
    Uuid row_id{};
    Timestamp committed_at{};  // when the change was made, by the database's clock
    RowImage row{};            // after it; of a delete there is none
    RowImage old{};            // before it; of an insert there is none
};

using ChangePtr = std::shared_ptr<const Change>;

/// Of its rows as JSON.
std::size_t bytes_of(const Change& change) noexcept;

/// Appends the change as `/api/sync` gives it: `{"seq":1,"relation":"leads","op":"insert",
/// "id":"…","committed_at":"…","row":{…},"old":null}`.
void append_json(std::string& out, const Change& change);

}  // namespace tenantry::feed
