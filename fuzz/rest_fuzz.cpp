/// Any bytes as what a client of /rest/v1 says beside the URL's grammar, which has a target of its
/// own; the first says what of it: a Prefer or Accept header, names in a parameter, new rows or
/// changes. What is understood fits the relation.

#include "rest/media.hpp"
#include "rest/preferences.hpp"
#include "rest/rows_body.hpp"
#include "schema/array_text.hpp"
#include "schema/lead_schema.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace {

using namespace tenantry;
using namespace tenantry::http::rest;

void require(bool truth) {
    if (!truth) std::abort();
}

void try_rows(const schema::Relation& relation, std::string_view text) {
    const auto rows = parse_rows(relation, text, std::nullopt, text.size() % 2 == 0);
    if (!rows) return require(!rows.error().message.empty());
    for (const auto& [columns, same] : *rows) {
        for (const auto& row : same) {
            require(row.size() == columns.size());
            for (std::size_t i = 0; i < row.size(); ++i) {
                // What is given for a secret isn't sealed yet.
                const bool is_secret = columns[i]->type() == schema::ColumnType::sealed;
                require(is_secret || schema::has_type(row[i], columns[i]->type()));
            }
        }
    }
}

void try_changes(const schema::Relation& relation, std::string_view text) {
    const auto changes = parse_changes(relation, text, std::nullopt);
    if (!changes) return require(!changes.error().message.empty());
    for (std::size_t i = 0; i + 1 < changes->size(); ++i)
        require((*changes)[i].column != &relation.id());
}

void try_names(std::string_view text) {
    const auto names = parse_names(text, "columns");
    if (!names) return require(!names.error().message.empty());
    const auto array = schema::parse_array(text);
    if (array) require(schema::parse_array(schema::array_text(*array)).value() == *array);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto& relations = schema::lead_catalog().relations();
    const auto& relation = *relations[data[1] % relations.size()];
    const std::string_view text{reinterpret_cast<const char*>(data) + 2, size - 2};
    switch (data[0] % 5) {
    case 0: {
        const auto preferences = Preferences::parse(text);
        require(preferences || !preferences.error().message.empty());
        break;
    }
    case 1: static_cast<void>(Media::parse(text)); break;
    case 2: try_names(text); break;
    case 3: try_rows(relation, text); break;
    default: try_changes(relation, text);
    }
    return 0;
}
