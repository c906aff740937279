#include "schema/catalog.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>

namespace tenantry::schema {

Result<void> Column::check_allowed(const Value& value) const {
    const auto* text = std::get_if<Text>(&value);
    if (options_.allowed.empty() || text == nullptr) return {};
    if (std::ranges::find(options_.allowed, *text) != options_.allowed.end()) return {};
    return fail(Errc::bad_value,
                fmt::format("{} is not one of {}", name_, fmt::join(options_.allowed, ", ")),
                name_);
}

Relation::Relation(std::string name, std::vector<Column> columns)
    : name_{std::move(name)}, columns_{std::move(columns)} {
    if (columns_.size() < 2 || columns_[0].name() != "tenant_id" || columns_[1].name() != "id")
        std::abort();
}

const Column* Relation::find(std::string_view name) const noexcept {
    const auto found = std::ranges::find(columns_, name, &Column::name);
    return found == columns_.end() ? nullptr : &*found;
}

const Column& Relation::column(std::string_view name) const {
    const auto* found = find(name);
    if (found == nullptr) std::abort();
    return *found;
}

void Relation::add_unique_key(std::initializer_list<std::string_view> columns) {
    UniqueKey key;
    for (const auto name : columns) key.columns.push_back(&column(name));
    unique_keys_.push_back(std::move(key));
}

void Relation::add_index(std::initializer_list<std::string_view> columns) {
    Index index;
    for (const auto name : columns) {
        const bool descending = name.starts_with('-');
        index.columns.push_back({&column(name.substr(descending ? 1 : 0)), descending});
    }
    indexes_.push_back(std::move(index));
}

void Relation::add_foreign_key(std::string_view column_name, const Relation& target) {
    foreign_keys_.push_back(
        {fmt::format("{}_{}_fkey", name_, column_name), &column(column_name), &target});
}

void Relation::set_rollup(std::string table, std::string_view column_name) {
    rollup_ = Rollup{std::move(table), &column(column_name)};
}

Relation& Catalog::add(std::string name, std::vector<Column> columns) {
    relations_.push_back(std::make_unique<Relation>(std::move(name), std::move(columns)));
    return *relations_.back();
}

const Relation* Catalog::find(std::string_view name) const noexcept {
    const auto found =
        std::ranges::find_if(relations_, [&](const auto& r) { return r->name() == name; });
    return found == relations_.end() ? nullptr : found->get();
}

const Relation& Catalog::relation(std::string_view name) const {
    const auto* found = find(name);
    if (found == nullptr) std::abort();
    return *found;
}

}  // namespace tenantry::schema
