#pragma once
/// A connection that blocks, for operators' work: migrations, the platform's own records, audits.
/// Threads: one at a time.

#include "pg/answer.hpp"
#include "pg/arguments.hpp"
#include "pg/link.hpp"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

namespace tenantry::pg {

/// The server refused a statement, or the connection broke (then the SQLSTATE is empty).
class ClientError : public std::runtime_error {
public:
    explicit ClientError(Failure failure)
        : std::runtime_error{failure.message}, failure_{std::move(failure)} {}
    const Failure& failure() const noexcept { return failure_; }

private:
    Failure failure_;
};

class Client {
public:
    /// Tries for as long as `startup.patience` says. Throws Unreachable.
    explicit Client(const Startup& startup);
    ~Client();
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;

    /// Runs one statement, prepared once for its text. Throws ClientError.
    Answer run(const std::string& text, const Arguments& arguments = {});
    /// Runs any number of statements in one transaction of their own, without results, unless a
    /// transaction is open. Throws ClientError.
    void script(const std::string& statements);
    /// As `script`, where a failure leaves nothing to be done.
    void try_script(const std::string& statements) noexcept;
    /// The payloads of notifications that came in: waits for one until `patience` is over, or the
    /// eventfd `wake` can be read, which is. Throws ClientError if the connection broke.
    std::vector<std::string> notifications(std::chrono::milliseconds patience, int wake);
    /// Whether sessions are lent by a pooler, for one transaction each.
    bool pooled() const noexcept;
    /// As the server tells: 150018.
    int server_version() const noexcept;
    bool in_transaction() const noexcept;
    bool broken() const noexcept;
    /// Whether the connection is broken, or the other end has hung up since the last answer.
    bool gone() noexcept;

private:
    void connect(const Startup& startup);
    void take_session(const Startup& startup);

    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// A transaction that is taken back unless it was committed.
class Transaction {
public:
    explicit Transaction(Client& client, const std::string& begin = "BEGIN");
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit();

private:
    Client& client_;
};

/// A cell of a binary result as text, integer or time; the column must be of a fitting type.
std::string text_at(const Rows& rows, std::size_t row, std::size_t column);
std::int64_t integer_at(const Rows& rows, std::size_t row, std::size_t column);
bool boolean_at(const Rows& rows, std::size_t row, std::size_t column);

/// `text` as a quoted SQL identifier and literal, for statements that take no parameters.
std::string quoted_identifier(std::string_view text);
std::string quoted_literal(std::string_view text);

}  // namespace tenantry::pg
