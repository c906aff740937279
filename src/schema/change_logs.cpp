#include "change_logs.hpp"

#include "columns.hpp"

namespace tenantry::schema {
namespace {

Column image(std::string name) {
    return {std::move(name), ColumnType::json, Column::Options{.origin = Origin::server}};
}

}  // namespace

void add_change_logs(Catalog& catalog) {
    using columns::count;
    using columns::required_text;
    using columns::tenant_id;
    using columns::written_at;

    // `epoch`: 16 random hexadecimal digits, made with the tenant's first change.
    catalog.add_log("tenant_heads", {tenant_id(), count("seq"), required_text("epoch", 16)}, 0);
    // Images of the row after and before the change, without sealed columns; row_image.hpp reads
    // them.
    catalog.add_log(
        "changes",
        {tenant_id(),
         count("seq"),
         required_text("relation", 64),
         required_text("op", 8),
         {"row_id", ColumnType::uuid, Column::Options{.nullable = false, .origin = Origin::server}},
         image("row"),
         image("old"),
         written_at("committed_at")},
        1);
}

}  // namespace tenantry::schema
