#include "schema/catalog.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>

namespace tenantry::schema {

namespace {

std::string text_of(const Column& column, std::int64_t number) {
    std::string out;
    append_decimal(out, {number, column.options().scale});
    return out;
}

const Relation* find_in(std::span<const std::shared_ptr<Relation>> all, std::string_view name) {
    const auto found = std::ranges::find_if(all, [&](const auto& r) { return r->name() == name; });
    return found == all.end() ? nullptr : found->get();
}

}  // namespace

Result<void> Column::check_allowed(const Value& value) const {
    const auto unknown = [this](const std::string& word) {
        return std::ranges::find(options_.allowed, word) == options_.allowed.end();
    };
    const auto* text = std::get_if<Text>(&value);
    const auto* texts = std::get_if<TextArray>(&value);
    if (!options_.allowed.empty() && (text != nullptr || texts != nullptr)) {
        const bool refused =
            text != nullptr ? unknown(*text) : std::ranges::any_of(*texts, unknown);
        if (!refused) return {};
        return fail(Errc::bad_value,
                    fmt::format("{} {} {}", name_, text != nullptr ? "is not one of" : "may hold",
                                fmt::join(options_.allowed, ", ")),
                    name_);
    }
    if (!options_.range) return {};
    const auto* decimal = std::get_if<Decimal>(&value);
    const auto* integer = std::get_if<std::int64_t>(&value);
    if (decimal == nullptr && integer == nullptr) return {};
    const auto number = decimal != nullptr ? decimal->unscaled : *integer;
    if (number >= options_.range->least && number <= options_.range->most) return {};
    return fail(
        Errc::out_of_range,
        fmt::format("{} must be from {} to {}", name_, text_of(*this, options_.range->least),
                    text_of(*this, options_.range->most)),
        name_);
}

Relation::Relation(std::string name, std::vector<Column> columns)
    : name_{std::move(name)}, columns_{std::move(columns)} {
    if (columns_.size() < 2 || columns_[0].name() != "tenant_id" || columns_[1].name() != "id")
        std::abort();
}

Relation::Relation(std::string name, std::vector<Column> columns, std::size_t key_columns,
                   Kind kind)
    : name_{std::move(name)}, columns_{std::move(columns)}, key_columns_{key_columns}, kind_{kind} {
    if (is_result()) return;
    if (columns_.size() < key_columns + 1 || columns_[0].name() != "tenant_id") std::abort();
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

void Relation::add_unique_key(std::span<const std::string_view> columns) {
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

void Relation::add_foreign_key(std::string_view column_name, const Relation& target,
                               OnDelete on_delete) {
    foreign_keys_.push_back(
        {fmt::format("{}_{}_fkey", name_, column_name), &column(column_name), &target, on_delete});
}

void Relation::set_rollup(const Relation& tally, std::string_view column_name) {
    rollup_ = Rollup{&tally, &column(column_name)};
}

Relation& Catalog::add(std::string name, std::vector<Column> columns) {
    relations_.push_back(std::make_shared<Relation>(std::move(name), std::move(columns)));
    return *relations_.back();
}

const Relation& Catalog::add_tally(std::string name, std::vector<Column> columns,
                                   std::size_t key_columns) {
    tallies_.push_back(std::make_shared<Relation>(std::move(name), std::move(columns), key_columns,
                                                  Relation::Kind::tally));
    return *tallies_.back();
}

const Relation& Catalog::add_log(std::string name, std::vector<Column> columns,
                                 std::size_t key_columns) {
    tallies_.push_back(std::make_shared<Relation>(std::move(name), std::move(columns), key_columns,
                                                  Relation::Kind::log));
    return *tallies_.back();
}

Relation& Catalog::add_external(std::string name, std::vector<Column> columns,
                                std::size_t key_columns) {
    relations_.push_back(std::make_shared<Relation>(std::move(name), std::move(columns),
                                                    key_columns, Relation::Kind::external));
    return *relations_.back();
}

const Relation& Catalog::add_view(std::string name, std::vector<Column> columns) {
    views_.push_back(
        std::make_shared<Relation>(std::move(name), std::move(columns), 0, Relation::Kind::view));
    return *views_.back();
}

const Function::Parameter* Function::find(std::string_view parameter) const noexcept {
    const auto found = std::ranges::find_if(
        parameters, [&](const Parameter& each) { return each.column.name() == parameter; });
    return found == parameters.end() ? nullptr : &*found;
}

void Catalog::add_function(Function function) {
    functions_.push_back(std::make_shared<const Function>(std::move(function)));
}

const Function* Catalog::find_function(std::string_view name) const noexcept {
    const auto found =
        std::ranges::find_if(functions_, [&](const auto& each) { return each->name == name; });
    return found == functions_.end() ? nullptr : found->get();
}

std::vector<const Function*> Catalog::functions_named(std::string_view name) const {
    std::vector<const Function*> out;
    for (const auto& function : functions_) {
        if (function->name == name) out.push_back(function.get());
    }
    return out;
}

const Relation* Catalog::find(std::string_view name) const noexcept {
    const auto* found = find_in(relations_, name);
    return found != nullptr ? found : find_in(views_, name);
}

const Relation& Catalog::relation(std::string_view name) const {
    const auto* found = find_in(relations_, name);
    if (found == nullptr) found = find_in(tallies_, name);
    if (found == nullptr) std::abort();
    return *found;
}

}  // namespace tenantry::schema
