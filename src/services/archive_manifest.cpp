#include "services/archive_manifest.hpp"

#include "base/text.hpp"
#include "schema/json.hpp"
#include "schema/lead_schema.hpp"
#include "schema/migrations.hpp"
#include "sha256.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>

namespace tenantry::services {
namespace {

namespace json = boost::json;
using schema::Column;
using schema::Relation;

constexpr std::string_view format_name = "tenantry-archive";
constexpr std::int64_t format_version = 1;
constexpr std::size_t name_bytes_max = 255;

Error bad(std::string_view why) {
    return fail(Errc::bad_file, fmt::format("the archive's manifest {}", why));
}

int latest_schema() { return schema::sqlite_migrations().back().version; }

/// What stays behind, for whoever reads the manifest.
json::array left_out() {
    json::array out{"users", "memberships", "api_keys"};
    for (const auto& relation : schema::lead_catalog().relations()) {
        if (relation->internal()) out.emplace_back(relation->name());
        for (const auto& column : relation->columns()) {
            if (column.type() == schema::ColumnType::sealed)
                out.emplace_back(relation->name() + "." + column.name());
        }
    }
    return out;
}

/// The member of that name, nullptr if it is absent.
const json::value* member(const json::object& object, std::string_view name) {
    return object.if_contains(name);
}

Result<std::string> text_of(const json::object& object, std::string_view name) {
    const auto* value = member(object, name);
    const auto* text = value != nullptr ? value->if_string() : nullptr;
    if (text == nullptr) return bad(fmt::format("has no text {}", name));
    return std::string{*text};
}

Result<std::uint64_t> count_of(const json::object& object, std::string_view name) {
    const auto* value = member(object, name);
    const auto* number = value != nullptr ? value->if_int64() : nullptr;
    if (number == nullptr || *number < 0) return bad(fmt::format("has no number {}", name));
    return static_cast<std::uint64_t>(*number);
}

Result<void> check_format(const json::object& object) {
    const auto format = text_of(object, "format");
    if (!format || *format != format_name) return bad("is not that of a tenantry archive");
    TENANTRY_TRY(version, count_of(object, "version"));
    if (version == format_version) return {};
    return bad(fmt::format("has version {}, which this program doesn't know; use a newer tenantry",
                           version));
}

Result<int> parse_schema_version(const json::object& object) {
    TENANTRY_TRY(version, count_of(object, "schema_version"));
    if (version < 1) return bad("has no schema_version");
    if (version > static_cast<std::uint64_t>(latest_schema())) {
        return bad(
            fmt::format("has schema version {}, newer than this program's {}; use a newer "
                        "tenantry",
                        version, latest_schema()));
    }
    return static_cast<int>(version);
}

Result<std::string> parse_name(const json::object& tenant) {
    TENANTRY_TRY(name, text_of(tenant, "name"));
    const auto is_control = [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7F;
    };
    if (name.empty() || name.size() > name_bytes_max || std::ranges::any_of(name, is_control))
        return bad("gives the tenant a name that can't be one");
    return name;
}

bool is_sha256(std::string_view text) {
    constexpr std::size_t digits = 64;
    return text.size() == digits && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

Result<ArchivedRelation> parse_relation(const json::value& value) {
    const auto* object = value.if_object();
    if (object == nullptr) return bad("lists a relation that is no object");
    TENANTRY_TRY(name, text_of(*object, "name"));
    const auto all = archived_relations();
    const auto found = std::ranges::find(all, name, &Relation::name);
    if (found == all.end()) return bad("lists a relation that this program doesn't know");
    TENANTRY_TRY(file, text_of(*object, "file"));
    if (file != archived_file(**found)) return bad(fmt::format("misnames the file of {}", name));
    ArchivedRelation relation{*found};
    TENANTRY_TRY(rows, count_of(*object, "rows"));
    TENANTRY_TRY(bytes, count_of(*object, "bytes"));
    TENANTRY_TRY(sha256, text_of(*object, "sha256"));
    if (!is_sha256(sha256)) return bad(fmt::format("has no SHA-256 of {}", file));
    // A row takes two braces and a line feed at the least.
    if (rows > bytes) return bad(fmt::format("counts more rows in {} than fit", file));
    relation.rows = rows;
    relation.bytes = bytes;
    relation.sha256 = std::move(sha256);
    return relation;
}

Result<std::vector<ArchivedRelation>> parse_relations(const json::object& object,
                                                      int schema_version) {
    const auto* value = member(object, "relations");
    const auto* array = value != nullptr ? value->if_array() : nullptr;
    if (array == nullptr) return bad("lists no relations");
    const auto all = archived_relations();
    if (array->size() > all.size()) return bad("lists too many relations");
    std::vector<ArchivedRelation> relations;
    auto next = all.begin();
    for (const auto& each : *array) {
        TENANTRY_TRY(relation, parse_relation(each));
        const auto at = std::find(next, all.end(), relation.relation);
        if (at == all.end()) return bad("lists its relations twice or in another order");
        next = at + 1;
        relations.push_back(std::move(relation));
    }
    // Older versions had fewer.
    if (schema_version == latest_schema() && relations.size() != all.size())
        return bad("lacks a relation");
    return relations;
}

Error bad_row(std::string_view why) { return fail(Errc::bad_file, std::string{why}); }

}  // namespace

std::vector<const Relation*> archived_relations() {
    std::vector<const Relation*> out;
    for (const auto& relation : schema::lead_catalog().relations()) {
        if (!relation->internal()) out.push_back(relation.get());
    }
    return out;
}

std::string archived_file(const Relation& relation) { return relation.name() + ".ndjson"; }

std::vector<const Column*> archived_columns(const Relation& relation) {
    std::vector<const Column*> out;
    for (const auto& column : relation.columns()) {
        if (column.type() != schema::ColumnType::sealed) out.push_back(&column);
    }
    return out;
}

std::string print_manifest(const ArchiveManifest& manifest) {
    std::string exported_at;
    append_timestamp(exported_at, manifest.exported_at);
    json::array relations;
    for (const auto& each : manifest.relations) {
        relations.push_back(json::object{{"name", each.relation->name()},
                                         {"file", archived_file(*each.relation)},
                                         {"rows", each.rows},
                                         {"bytes", each.bytes},
                                         {"sha256", each.sha256}});
    }
    const json::object out{
        {"format", format_name},
        {"version", format_version},
        {"tenant", json::object{{"id", manifest.tenant.text()}, {"name", manifest.name}}},
        {"schema_version", manifest.schema_version},
        {"exported_at", exported_at},
        {"relations", std::move(relations)},
        {"left_out", left_out()}};
    return json::serialize(out) + "\n";
}

std::string manifest_hash(std::string_view manifest_text) {
    Sha256 hash;
    hash.add(manifest_text);
    return fmt::format("{}  {}\n", hash.finish(), manifest_name);
}

Result<ArchiveManifest> parse_manifest(std::string_view text) {
    if (text.size() > manifest_bytes_max || !is_clean_utf8(text)) return bad("is no JSON");
    const auto value = schema::read_json(text);
    const auto* object = value ? value->if_object() : nullptr;
    if (object == nullptr) return bad("is no JSON object");
    TENANTRY_TRY_VOID(check_format(*object));
    TENANTRY_TRY(schema_version, parse_schema_version(*object));
    const auto* tenant = member(*object, "tenant");
    if (tenant == nullptr || !tenant->is_object()) return bad("names no tenant");
    TENANTRY_TRY(id_text, text_of(tenant->get_object(), "id"));
    const auto id = TenantId::parse(id_text);
    if (!id) return bad("names a tenant whose id can't be one");
    TENANTRY_TRY(name, parse_name(tenant->get_object()));
    TENANTRY_TRY(time, text_of(*object, "exported_at"));
    const auto exported_at = parse_timestamp(time);
    if (!exported_at) return bad("doesn't say when it was made");
    TENANTRY_TRY(relations, parse_relations(*object, schema_version));
    return ArchiveManifest{*id, std::move(name), schema_version, *exported_at,
                           std::move(relations)};
}

ArchivedRows::ArchivedRows(const Relation& relation, TenantId tenant)
    : relation_{&relation}, tenant_{std::move(tenant)}, columns_{archived_columns(relation)} {
    std::erase(columns_, &relation.tenant_id());
}

Result<std::vector<schema::Value>> ArchivedRows::parse(std::string_view line) const {
    if (!is_clean_utf8(line)) return bad_row("is not well-formed UTF-8");
    const auto value = schema::read_json(line);
    const auto* object = value ? value->if_object() : nullptr;
    if (object == nullptr) return bad_row("is no JSON object");
    const auto* tenant = member(*object, relation_->tenant_id().name());
    const auto* tenant_text = tenant != nullptr ? tenant->if_string() : nullptr;
    if (tenant_text == nullptr || std::string_view{*tenant_text} != tenant_.text())
        return bad_row("has a tenant_id that is not the archive's");
    std::size_t known = 1;
    std::vector<schema::Value> values;
    values.reserve(columns_.size());
    for (const auto* column : columns_) {
        const auto* given = member(*object, column->name());
        if (given == nullptr) {
            values.push_back(column->options().default_value.value_or(schema::Null{}));
            if (schema::is_null(values.back()) && !column->nullable())
                return bad_row(fmt::format("lacks {}", column->name()));
            continue;
        }
        ++known;
        auto parsed = schema::parse_json(*column, *given);
        if (!parsed) return bad_row(parsed.error().message);
        values.push_back(std::move(*parsed));
    }
    if (known != object->size())
        return bad_row(fmt::format("has a column that {} don't have", relation_->name()));
    return values;
}

}  // namespace tenantry::services
