#pragma once
/// For tests: an executor over rows in memory that does what an import and an export ask for, and
/// can be told to fail. It trusts its plans; the real engines are tested in tests/.

#include "engine/executor.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace tenantry::services {

class MemoryExecutor final : public engine::Executor {
public:
    using Row = std::map<std::string, query::Value>;

    std::map<std::string, std::vector<Row>> tables{};  // all tenants' rows, by relation
    std::size_t reads = 0;
    std::vector<std::size_t> transactions{};  // rows written by each, in order
    /// Asked before each transaction with its number from 0; an error refuses it.
    std::function<std::optional<Error>(std::size_t)> refuse_write{};

    boost::asio::awaitable<Result<query::Reply>> run(query::ScopedPlan plan,
                                                     engine::Deadline) override {
        ++reads;
        co_return read(std::get<query::Read>(plan.request()));
    }

    boost::asio::awaitable<Result<std::vector<query::Reply>>> read_all(
        std::vector<query::ScopedPlan> plans, engine::Deadline) override {
        std::vector<query::Reply> replies;
        for (const auto& plan : plans)
            replies.push_back(read(std::get<query::Read>(plan.request())));
        co_return replies;
    }

    boost::asio::awaitable<Result<std::vector<query::Reply>>> run_all(
        std::vector<query::ScopedPlan> plans, engine::Deadline) override {
        if (refuse_write) {
            if (auto error = refuse_write(transactions.size())) co_return *error;
        }
        std::size_t rows = 0;
        std::vector<query::Reply> replies;
        for (const auto& plan : plans) {
            const auto& insert = std::get<query::Insert>(plan.request());
            for (const auto& values : insert.rows) add(insert, values);
            rows += insert.rows.size();
            replies.push_back({.affected = static_cast<std::int64_t>(insert.rows.size())});
        }
        transactions.push_back(rows);
        co_return replies;
    }

private:
    void add(const query::Insert& insert, const std::vector<query::Value>& values) {
        Row row;
        for (const auto& column : insert.relation->columns()) row[column.name()] = schema::Null{};
        for (std::size_t i = 0; i < values.size(); ++i) row[insert.columns[i]->name()] = values[i];
        tables[insert.relation->name()].push_back(std::move(row));
    }

    static bool keeps(const query::Filter& filter, const Row& row) {
        if (const auto* group = std::get_if<query::Group>(&filter.node)) {
            return std::ranges::all_of(group->terms,
                                       [&](const auto& term) { return keeps(term, row); });
        }
        const auto& predicate = std::get<query::Predicate>(filter.node);
        return std::ranges::find(predicate.operands, row.at(predicate.column->name())) !=
               predicate.operands.end();
    }

    static void append(query::RowSet& rows, const query::Value& value) {
        if (const auto* text = std::get_if<schema::Text>(&value)) return rows.append_text(*text);
        if (const auto* uuid = std::get_if<Uuid>(&value))
            return rows.append_text(schema::to_text(*uuid));
        rows.append_null();
    }

    query::Reply read(const query::Read& read) const {
        query::Reply reply{.rows = query::RowSet{read.projection, read.projection.size()}};
        const auto table = tables.find(read.relation->name());
        if (table == tables.end()) return reply;
        for (const auto& row : table->second) {
            if (!keeps(*read.filter, row) || reply.rows.row_count() == *read.limit) continue;
            for (const auto* column : read.projection) append(reply.rows, row.at(column->name()));
        }
        return reply;
    }
};

}  // namespace tenantry::services
