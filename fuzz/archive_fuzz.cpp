/// Any bytes as what an archive holds. The first says as what: a manifest, a line of a relation, or
/// a whole archive, packed or bare. Whatever comes, the outcome is a sentence, or values that fit:
/// a manifest reads back as it prints, and every value fits its column.

#include "archive_rows.hpp"
#include "base/text.hpp"
#include "services/csv_reader.hpp"
#include "services/tenant_import.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace tenantry;
using namespace tenantry::services;

void require(bool truth) {
    if (!truth) std::abort();
}

void check_refusal(const Error& error) {
    require(error.code == Errc::bad_file);
    require(!error.message.empty() && is_clean_utf8(error.message));
}

void check_row(const std::vector<const schema::Column*>& columns,
               const std::vector<schema::Value>& row) {
    require(row.size() == columns.size());
    for (std::size_t i = 0; i < row.size(); ++i) {
        require(schema::has_type(row[i], columns[i]->type()));
        require(columns[i]->nullable() || !schema::is_null(row[i]));
        require(columns[i]->check_allowed(row[i]).has_value());
    }
}

void read_manifest(std::string_view text) {
    const auto manifest = parse_manifest(text);
    if (!manifest) return check_refusal(manifest.error());
    require(parse_manifest(print_manifest(*manifest)).value() == *manifest);
}

void read_line(std::size_t which, std::string_view line) {
    static const auto relations = archived_relations();
    const ArchivedRows rows{*relations[which % relations.size()], TenantId::parse("acme").value()};
    const auto row = rows.parse(line);
    if (!row) return check_refusal(row.error());
    check_row(rows.columns(), *row);
}

void read_archive(std::string_view bytes) {
    const auto checked = check_archive(TextSource{bytes});
    if (!checked) check_refusal(checked.error());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
    switch (data[0] % 4) {
    case 0: read_manifest(text); break;
    case 1: read_archive(text); break;
    default: read_line(data[0] / 4U, text);
    }
    return 0;
}
