#pragma once
/// Statements that record changes, as text: parts of the functions that triggers call.
///
/// Nearly every statement writes one row, and each statement in a function costs about as much as
/// the row itself. So a function looks first, once, at the first row that was written and at
/// whether there are more; for one row what it looked at is all that the next statement needs.
///
/// In such a function `one` is a record, and TG_ARGV[0] has the columns that no image has.

#include <string>
#include <string_view>

namespace tenantry::schema {

enum class RowChange { insert, update, remove };
inline constexpr RowChange row_changes[] = {RowChange::insert, RowChange::update,
                                            RowChange::remove};

/// `insert`, `update`, `delete`.
std::string_view name_of(RowChange change) noexcept;
/// The transition tables that a trigger has, as REFERENCING names them: old_rows, new_rows.
std::string_view transition_tables(RowChange change) noexcept;
/// SELECT …: each row that came with d = 1, each that went with d = -1.
std::string_view signed_rows(RowChange change) noexcept;

/// SELECT … INTO one: `more` (whether there is a second row; null without a first), tenant_id, id,
/// image and, of an update, old_image; and `columns`, which begin with a comma, of the rows `n` as
/// they came and `o` as they went.
std::string look_at_one(RowChange change, std::string_view columns = {});

/// A clause of WITH: gets the next number of the tenant of `one`, whose row in tenant_heads is
/// locked from then on.
inline constexpr std::string_view head_of_one = R"sql(head AS (
      INSERT INTO tenantry.tenant_heads AS h (tenant_id, seq, epoch)
        VALUES (one.tenant_id, 1, substr(replace(gen_random_uuid()::text, '-', ''), 17))
        ON CONFLICT (tenant_id) DO UPDATE SET seq = h.seq + 1 RETURNING h.seq))sql";
/// The statement that records `one` under that number.
std::string record_one(RowChange change);
/// Returns if `one` was updated to what it was.
std::string_view leave_unchanged(RowChange change) noexcept;

/// The statement that records all rows, in the order in which they were written.
std::string record_many(RowChange change);

/// What records leads: they are counted in the same functions, which saves one row a second look
/// and a statement.
std::string record_leads_sql();

}  // namespace tenantry::schema
