#include "services/export.hpp"

#include "base/limits.hpp"
#include "base/text.hpp"
#include "query/render.hpp"
#include "query/scoped.hpp"
#include "schema/lead_schema.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tenantry::services {
namespace {

using boost::asio::awaitable;
using query::Column;
using query::Relation;
using query::RowSet;
using query::Value;

const Relation& leads() {
    static const Relation& relation = schema::lead_catalog().relation("leads");
    return relation;
}

/// The order of columns that users of the incumbent system know, and its names where they differ.
struct Heading {
    std::string_view header;
    std::string_view column;
};
constexpr std::array headings = std::to_array<Heading>({
    {"lead_id", "id"},
    {"first_name", "first_name"},
    {"last_name", "last_name"},
    {"email", "email"},
    {"phone_e164", "phone"},
    {"property_address", "property_address"},
    {"city", "city"},
    {"province", "province"},
    {"postal_code", "postal_code"},
    {"property_type", "property_type"},
    {"price_range", "price_range"},
    {"timeline", "timeline"},
    {"source", "source"},
    {"tags", "tags"},
    {"status", "status"},
    {"created_at", "created_at"},
    {"updated_at", "updated_at"},
    {"metadata", "metadata"},
});

/// Those, then every other column of leads but tenant_id.
std::vector<const Column*> csv_columns() {
    std::vector<const Column*> columns;
    columns.reserve(leads().columns().size());
    for (const auto& heading : headings) columns.push_back(&leads().column(heading.column));
    for (const auto& column : leads().columns().subspan(1)) {
        if (std::ranges::find(columns, &column) == columns.end()) columns.push_back(&column);
    }
    return columns;
}

void append_csv_header(std::string& out, const std::vector<const Column*>& columns) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (i > 0) out += ',';
        out += i < headings.size() ? headings[i].header : std::string_view{columns[i]->name()};
    }
    out += '\n';
}

void append_csv_field(std::string& out, std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
        out += text;
        return;
    }
    out += '"';
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

/// `a;b` where an import will read the same tags from it, else their JSON.
std::string tags_text(const schema::TextArray& tags) {
    std::string out;
    for (const auto& tag : tags) {
        const bool plain = !tag.empty() && tag.find(';') == std::string::npos && trim(tag) == tag;
        if (!plain || (out.empty() && tag.starts_with('['))) return schema::to_text(Value{tags});
        if (!out.empty()) out += ';';
        out += tag;
    }
    return out;
}

void append_csv_row(std::string& out, const RowSet& rows, std::size_t row) {
    for (std::size_t i = 0; i < rows.visible(); ++i) {
        if (i > 0) out += ',';
        const auto cell = rows.cell(row, i);
        if (cell.kind == query::Cell::Kind::null) continue;
        const auto type = rows.columns()[i]->type();
        if (type == schema::ColumnType::text_array) {
            append_csv_field(out, tags_text(std::get<schema::TextArray>(rows.value(row, i))));
        } else if (cell.kind == query::Cell::Kind::text) {
            append_csv_field(out, cell.text);
        } else {
            append_csv_field(out, schema::to_text(rows.value(row, i)));
        }
    }
    out += '\n';
}

/// The page of leads after the row with these values of created_at and id, or the first.
Result<query::ScopedPlan> page_after(const std::optional<std::vector<Value>>& last,
                                     const std::vector<const Column*>& columns,
                                     const TenantScope& scope) {
    query::Read read{.relation = &leads(), .projection = columns};
    read.order = {{&leads().column("created_at")}, {&leads().id()}};
    read.limit = LeadExport::page_rows;
    read.after = last;
    return query::scoped(std::move(read), scope);
}

}  // namespace

Result<ExportFormat> parse_export_format(std::string_view text) {
    if (text == "csv") return ExportFormat::csv;
    if (text == "ndjson") return ExportFormat::ndjson;
    return fail(Errc::bad_value, "is neither csv nor ndjson", "format");
}

awaitable<Result<bool>> LeadExport::next(TenantScope scope, std::string& out,
                                         engine::Deadline deadline) {
    if (!tenant_) tenant_ = scope.tenant();
    if (*tenant_ != scope.tenant()) std::abort();
    const bool csv = format_ == ExportFormat::csv;
    const auto columns = csv ? csv_columns() : query::all_columns(leads());
    auto plan = page_after(last_, columns, scope);
    if (!plan) co_return plan.error();
    const auto reply = co_await executor_.run(std::move(*plan), deadline);
    if (!reply) co_return reply.error();
    if (csv && !std::exchange(begun_, true)) append_csv_header(out, columns);
    const auto& rows = reply->rows;
    const auto count = rows.row_count();
    for (std::size_t i = 0; i < count; ++i) {
        if (csv) {
            append_csv_row(out, rows, i);
        } else {
            query::append_json_row(out, rows, i);
            out += '\n';
        }
    }
    exported_ += count;
    if (count < page_rows) co_return false;
    last_ = std::vector<Value>{rows.value(count - 1, "created_at"), rows.value(count - 1, "id")};
    co_return true;
}

awaitable<Result<std::uint64_t>> export_leads(engine::Executor& executor, TenantScope scope,
                                              ExportFormat format, ExportSink sink,
                                              engine::Deadline deadline) {
    LeadExport pages{executor, format};
    std::string out;
    while (true) {
        const auto more = co_await pages.next(scope, out, deadline);
        if (!more) co_return more.error();
        if (!out.empty()) sink(out);
        out.clear();
        if (!*more) co_return pages.exported();
    }
}

}  // namespace tenantry::services
