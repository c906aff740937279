#pragma once
/// A connection to the control relations, whichever database they are in. What is written over it
/// (control_store, members, keys, audit, tenure_store, tenant_keys) is written once for all
/// engines.
///
/// Statements are in the SQL that the databases share: parameters are `$1`, `$2`, …, and a control
/// relation is named `@tenants`. Ids are uuids: what a statement compares with one must be one.
/// Threads: one at a time.

#include "base/error.hpp"
#include "base/timestamp.hpp"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tenantry::engine::control {

/// A value bound or read; the first alternative is NULL.
using Cell = std::variant<std::monostate, std::string, std::int64_t, Timestamp>;

inline Cell cell(std::string_view text) { return std::string{text}; }
template <class T>
Cell optional_cell(const std::optional<T>& value) {
    return value ? Cell{*value} : Cell{};
}

/// The rows of a result.
class Rows {
public:
    Rows() = default;
    Rows(std::size_t width, std::vector<Cell> cells) : width_{width}, cells_{std::move(cells)} {}

    std::size_t size() const noexcept { return width_ == 0 ? 0 : cells_.size() / width_; }
    bool empty() const noexcept { return size() == 0; }
    bool is_null(std::size_t row, std::size_t column) const {
        return std::holds_alternative<std::monostate>(at(row, column));
    }
    /// Empty for NULL.
    std::string text(std::size_t row, std::size_t column) const {
        const auto* text = std::get_if<std::string>(&at(row, column));
        return text != nullptr ? *text : std::string{};
    }
    std::optional<std::string> optional_text(std::size_t row, std::size_t column) const {
        return is_null(row, column) ? std::nullopt : std::optional{text(row, column)};
    }
    /// 0 for NULL.
    std::int64_t integer(std::size_t row, std::size_t column) const {
        const auto* number = std::get_if<std::int64_t>(&at(row, column));
        return number != nullptr ? *number : 0;
    }
    /// nullopt for NULL. A database without times keeps microseconds since 1970.
    std::optional<Timestamp> time(std::size_t row, std::size_t column) const {
        const auto& cell = at(row, column);
        if (const auto* time = std::get_if<Timestamp>(&cell)) return *time;
        if (const auto* micros = std::get_if<std::int64_t>(&cell))
            return Timestamp{std::chrono::microseconds{*micros}};
        return std::nullopt;
    }

private:
    const Cell& at(std::size_t row, std::size_t column) const {
        return cells_[row * width_ + column];
    }
    std::size_t width_ = 0;
    std::vector<Cell> cells_;
};

/// A statement failed.
class Failure : public std::runtime_error {
public:
    Failure(const std::string& message, std::optional<Error> outcome, bool foreign_key)
        : std::runtime_error{message}, outcome_{std::move(outcome)}, foreign_key_{foreign_key} {}
    /// What it means to the one who asked; nullopt: the database is out of order.
    const std::optional<Error>& outcome() const noexcept { return outcome_; }
    /// A row would refer to nothing.
    bool is_foreign_key() const noexcept { return foreign_key_; }

private:
    std::optional<Error> outcome_;
    bool foreign_key_;
};

class Session {
public:
    virtual ~Session() = default;
    /// Throws Failure.
    virtual Rows run(std::string_view sql, const std::vector<Cell>& values = {}) = 0;
    /// Opens a transaction: one that writes and that no other of its kind is open beside, in any
    /// process, or one that reads one state. Throws Failure.
    virtual void begin_write() = 0;
    virtual void begin_read() = 0;
    virtual void commit() = 0;
    /// Unless none is open.
    virtual void rollback() noexcept = 0;
};

/// A transaction that is taken back unless it was committed.
class Transaction {
public:
    explicit Transaction(Session& session) : session_{session} { session_.begin_write(); }
    ~Transaction() { session_.rollback(); }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit() { session_.commit(); }

private:
    Session& session_;
};

/// Several reads of one state.
class ReadTransaction {
public:
    explicit ReadTransaction(Session& session) : session_{session} { session_.begin_read(); }
    ~ReadTransaction() { session_.rollback(); }
    ReadTransaction(const ReadTransaction&) = delete;
    ReadTransaction& operator=(const ReadTransaction&) = delete;

private:
    Session& session_;
};

/// The outcome of `failure`. Throws: Fault, if it has none.
Error outcome_of(const Failure& failure);

/// Runs `function`; a Failure becomes its outcome.
template <class Function>
auto guarded(Function function) -> decltype(function()) {
    try {
        return function();
    } catch (const Failure& failure) {
        return outcome_of(failure);
    }
}

}  // namespace tenantry::engine::control
