#pragma once
/// For tests: a tenant with a recognisable value in every column of every relation, whichever there
/// are.

#include "engine/test_database.hpp"
#include "schema/lead_schema.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace tenantry::services::testing {

template <class T>
boost::asio::awaitable<bool> keep(boost::asio::awaitable<T> work, std::optional<T>& into) {
    into.emplace(co_await std::move(work));
    co_return true;
}

/// As engine::testing::wait_for, for results that have no default.
template <class T>
T finish(boost::asio::awaitable<T> work) {
    std::optional<T> result;
    engine::testing::wait_for(keep(std::move(work), result));
    return std::move(*result);
}

class MarkedRows {
public:
    MarkedRows(engine::testing::TestDatabase& database, TenantScope scope, std::string mark)
        : database_{database}, scope_{std::move(scope)}, mark_{std::move(mark)} {}

    /// That many more rows in each relation, those that are referred to first.
    void add(std::size_t rows = 1) {
        batch_.clear();
        for (const auto& relation : schema::lead_catalog().relations()) add_to(*relation, rows);
        number_ += rows;
    }

    /// The ids of all rows added.
    const std::vector<std::string>& ids() const { return ids_; }
    /// The newest row's.
    Uuid newest(std::string_view relation) const {
        return batch_.at(&schema::lead_catalog().relation(relation)).back();
    }

private:
    void add_to(const schema::Relation& relation, std::size_t rows) {
        query::Insert insert{.relation = &relation};
        for (const auto& column : relation.columns()) {
            if (&column != &relation.tenant_id()) insert.columns.push_back(&column);
        }
        for (std::size_t i = 0; i < rows; ++i) {
            auto& row = insert.rows.emplace_back();
            for (const auto* column : insert.columns) row.push_back(value(relation, *column, i));
            if (relation.name() == "approvals") decide(insert.columns, row);
        }
        const auto reply = database_.run(std::move(insert), scope_);
        if (!reply) throw std::runtime_error{relation.name() + ": " + reply.error().message};
    }

    schema::Value value(const schema::Relation& relation, const schema::Column& column,
                        std::size_t at) {
        const auto& options = column.options();
        const auto number = number_ + at;
        const auto marked = fmt::format("{}-{}-{}", mark_, column.name(), number);
        if (!options.allowed.empty()) {
            const auto& word = options.allowed[number % options.allowed.size()];
            if (column.type() == schema::ColumnType::text_array) return schema::TextArray{word};
            return word;
        }
        switch (column.type()) {
        case schema::ColumnType::text:
            if (options.format == schema::Format::email) return marked + "@example.com";
            return marked.substr(0, options.bytes_max);
        case schema::ColumnType::uuid: return uuid(relation, column, at);
        case schema::ColumnType::integer:
            return options.range ? options.range->most : std::int64_t{4711};
        case schema::ColumnType::numeric:
            return Decimal{options.range ? options.range->most : 50, options.scale};
        case schema::ColumnType::boolean: return number % 2 == 0;
        case schema::ColumnType::timestamptz:
            return Timestamp{std::chrono::seconds{1'700'000'000 + number * 86'400}};
        // Long enough for overflow pages.
        case schema::ColumnType::json:
            return schema::Json{fmt::format(R"({{"mark":"{}","more":"{}"}})", marked,
                                            std::string(number % 3 * 5000, 'x'))};
        case schema::ColumnType::text_array: return schema::TextArray{marked, mark_};
        case schema::ColumnType::sealed: return schema::Sealed{marked};
        case schema::ColumnType::native: break;
        }
        throw std::logic_error{"a type of column that is new"};
    }

    schema::Value uuid(const schema::Relation& relation, const schema::Column& column,
                       std::size_t at) {
        for (const auto& key : relation.foreign_keys()) {
            if (key.column == &column) return batch_.at(key.target).at(at);
        }
        const auto id = new_uuid();
        if (&column == &relation.id()) batch_[&relation].push_back(id);
        ids_.emplace_back();
        append_uuid(ids_.back(), id);
        return id;
    }

    /// What is set goes with what an approval's status says.
    static void decide(const std::vector<const schema::Column*>& columns,
                       std::vector<schema::Value>& row) {
        std::map<std::string, schema::Value*> by_name;
        for (std::size_t i = 0; i < columns.size(); ++i) by_name[columns[i]->name()] = &row[i];
        const auto status = std::get<schema::Text>(*by_name.at("status"));
        const auto clear = [&](const char* name) { *by_name.at(name) = schema::Null{}; };
        if (status == "pending") {
            clear("reviewed_by");
            clear("reviewed_at");
        }
        if (status != "rejected") clear("rejection_reason");
        if (status != "sent") clear("sent_at");
    }

    engine::testing::TestDatabase& database_;
    TenantScope scope_;
    std::string mark_;
    std::size_t number_ = 0;
    std::map<const schema::Relation*, std::vector<Uuid>> batch_;  // the ids added last
    std::vector<std::string> ids_;
};

}  // namespace tenantry::services::testing
