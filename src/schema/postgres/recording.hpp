#pragma once
/// Statements that record changes, as text: parts of the functions that triggers call.
///
/// Nearly every statement writes one row, and each statement in a function costs about as much as
/// the row itself. So a function looks first, once, at the first row that was written and at
/// whether there are more; for one row what it looked at is all that the next statement needs.
///
/// In such a function `one` is that row: `more` (whether there is a second; null without a first),
/// tenant_id, id, image and, of an update, old_image. TG_ARGV[0] has the columns that no image has.

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

/// What a recording function does besides: parts of its text.
struct Besides {
    /// Of the first look at one row, beginning with a comma, of the rows `n` as they came and `o`
    /// as they went.
    std::string columns{};
    std::string instead_for_one{};  // before one row is recorded; may return
    std::string after_one{};
    std::string after_many{};
    std::string at_the_end{};
};
/// CREATE FUNCTION tenantry.`name`_insert … of a trigger that records its rows, in the order in
/// which they were written.
std::string recording_function(std::string_view name, RowChange change,
                               const Besides& besides = {});

/// A clause of WITH: gets the next number of the tenant of `one`, whose row in tenant_heads is
/// locked from then on.
inline constexpr std::string_view head_of_one = R"sql(head AS (
      INSERT INTO tenantry.tenant_heads AS h (tenant_id, seq, epoch)
        VALUES (one.tenant_id, 1, substr(replace(gen_random_uuid()::text, '-', ''), 17))
        ON CONFLICT (tenant_id) DO UPDATE SET seq = h.seq + 1 RETURNING h.seq))sql";
/// The statement that records `one` under that number.
std::string record_one(RowChange change);

/// What records leads: they are counted in the same functions, which saves one row a second look
/// and a statement.
std::string record_leads_sql();

}  // namespace tenantry::schema
