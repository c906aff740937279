#pragma once
/// What the server says to one message, and rows of it. libpq's types stay behind.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// libpq's own name.
// NOLINTNEXTLINE(readability-identifier-naming)
struct pg_result;

namespace tenantry::pg {

/// Rows in binary format. Threads: one at a time.
class Rows {
public:
    Rows() = default;
    /// Takes what libpq made.
    explicit Rows(pg_result* result) : result_{result} {}
    /// Rows made by hand, for tests without a server.
    static Rows of(const std::vector<std::vector<std::optional<std::string>>>& cells);

    std::size_t size() const noexcept;
    std::size_t width() const noexcept;
    /// The bytes of a cell, valid as long as the rows; nullopt for NULL.
    std::optional<std::string_view> cell(std::size_t row, std::size_t column) const noexcept;
    /// The type of a column (pg::oid).
    std::uint32_t type(std::size_t column) const noexcept;

private:
    struct Clear {
        void operator()(pg_result* result) const noexcept;
    };
    std::unique_ptr<pg_result, Clear> result_;
};

/// An error of the server, or of the connection to it.
struct Failure {
    std::string sqlstate{};  // five characters; empty: the connection's own
    std::string message{};   // for a log; never for a client, since it may quote values
    std::string details{};   // the same
    std::string hint{};
    std::string constraint{};
    std::string column{};
    std::string routine{};  // of the server's source: tells apart what a code doesn't
    bool fatal = false;     // the server hangs up

    friend bool operator==(const Failure&, const Failure&) = default;
};

struct Answer {
    enum class Kind {
        none,  // the end of what one message brings
        rows,  // of a query
        done,  // of a command, or a statement that was prepared
        failed,
        skipped,  // not run, since an earlier message of the segment failed
        synced,
    };
    Kind kind = Kind::none;
    Rows rows{};
    std::int64_t affected = 0;
    Failure failure{};
};

}  // namespace tenantry::pg
