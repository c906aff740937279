// How the database records changes: by statement, in the transaction of the rows, whoever writes.
//
// The rows that a statement wrote get the next numbers of their tenant. The tenant's row in
// tenant_heads is locked for that until the end of the transaction, which puts the tenant's
// transactions in the order of their commits and leaves no number out; so a reader that has seen a
// number has seen all before it. What else is kept of the rows (their tallies) comes behind that,
// so that two writers never wait for each other crosswise: triggers of one kind run in the order of
// their names, and these are called …_changes_….
//
// Functions run with the rights of the one who writes, under the same policies.

#include "postgres/recording.hpp"
#include "schema/postgres_schema.hpp"

#include <fmt/format.h>

namespace tenantry::schema {
namespace {

// {0} the relation, {1} insert, update or delete, {2} transition tables, {3} the functions' name,
// {4} the columns that no image has.
constexpr std::string_view recording_trigger = R"sql(
CREATE OR REPLACE TRIGGER {0}_changes_{1} AFTER {1} ON public.{0} REFERENCING {2}
  FOR EACH STATEMENT EXECUTE FUNCTION tenantry.{3}_{1}('{4}');
)sql";

constexpr std::string_view standing_triggers = R"sql(
CREATE OR REPLACE TRIGGER {0}_keeps_tenant BEFORE UPDATE OF tenant_id ON public.{0}
  FOR EACH ROW WHEN (NEW.tenant_id <> OLD.tenant_id)
  EXECUTE FUNCTION tenantry.stands('a row stays with its tenant', '42501');
CREATE OR REPLACE TRIGGER {0}_is_not_truncated BEFORE TRUNCATE ON public.{0}
  FOR EACH STATEMENT
  EXECUTE FUNCTION tenantry.stands('TRUNCATE would go unrecorded: use DELETE');
)sql";

std::string unrecorded(const Relation& relation) {
    std::string out = "{tenant_id";
    for (const auto& column : relation.columns()) {
        if (column.type() == ColumnType::sealed) out += ',' + column.name();
    }
    return out + '}';
}

}  // namespace

std::string postgres_changes_sql(const Catalog& catalog) {
    std::string out;
    for (const auto change : row_changes) out += recording_function("record", change);
    out += record_leads_sql();
    for (const auto& relation : catalog.relations()) {
        if (relation->internal()) continue;
        // Leads are counted as they are recorded.
        const auto function = relation->name() == "leads" ? "record_leads" : "record";
        for (const auto change : row_changes) {
            out += fmt::format(recording_trigger, relation->name(), name_of(change),
                               transition_tables(change), function, unrecorded(*relation));
        }
        out += fmt::format(standing_triggers, relation->name());
    }
    return out;
}

}  // namespace tenantry::schema
