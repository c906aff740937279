#include "sqlite/control_session.hpp"

#include "control/stores.hpp"
#include "engine/sqlite/sqlite_engine.hpp"
#include "engine/sqlite/stores.hpp"
#include "engine/sqlite/tenant_keys.hpp"
#include "sqlite/errors.hpp"
#include "sqlite/migrate.hpp"

namespace tenantry::engine::sqlite {
namespace {

using Access = ControlConnection::Access;
constexpr std::chrono::milliseconds standard_lock_timeout{5000};

/// `$1` is `?1` here, and a control relation has its plain name.
std::string translated(std::string_view sql) {
    std::string out;
    for (const char c : sql) {
        if (c == '$') {
            out += '?';
        } else if (c != '@') {
            out += c;
        }
    }
    return out;
}

/// nullopt: the failure is none of the statement's doing.
std::optional<Error> meaning(const SqliteFailure& failure) {
    try {
        return outcome_of(failure);
    } catch (const Fault&) {
        return std::nullopt;
    }
}

control::Failure failed(const SqliteFailure& failure) {
    return {failure.message(), meaning(failure), failure.code() == SQLITE_CONSTRAINT_FOREIGNKEY};
}

template <class Function>
auto converted(Function function) -> decltype(function()) {
    try {
        return function();
    } catch (const SqliteFailure& failure) {
        throw failed(failure);
    }
}

void bind(sqlite3_stmt* statement, int index, const control::Cell& value) {
    if (const auto* text = std::get_if<std::string>(&value)) bind_text(statement, index, *text);
    if (const auto* number = std::get_if<std::int64_t>(&value))
        bind_integer(statement, index, *number);
    if (const auto* time = std::get_if<Timestamp>(&value))
        bind_integer(statement, index, time->time_since_epoch().count());
}

control::Cell cell_at(sqlite3_stmt* row, int column) {
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_NULL: return {};
    case SQLITE_INTEGER: return std::int64_t{sqlite3_column_int64(row, column)};
    default: return std::string{column_text(row, column)};
    }
}

/// Opens what `make` makes of a session. Errors: as migrate.
template <class Make>
auto open_with(const std::filesystem::path& path, Make make)
    -> Result<decltype(make(path.string()))> {
    const auto name = path.string();
    if (auto latest = require_latest(name); !latest) return latest.error();
    try {
        return make(name);
    } catch (const SqliteFailure& failure) {
        return opening_error(failure, name);
    }
}

}  // namespace

sqlite3_stmt* ControlSession::prepared(std::string_view sql) {
    std::string key{sql};
    const auto found = statements_.find(key);
    if (found != statements_.end()) return found->second.get();
    auto statement = prepare(connection_.handle(), translated(sql), true);
    return statements_.emplace(std::move(key), std::move(statement)).first->second.get();
}

control::Rows ControlSession::run(std::string_view sql, const std::vector<control::Cell>& values) {
    return converted([&] {
        auto* statement = prepared(sql);
        const ResetGuard reset{statement};
        for (std::size_t i = 0; i < values.size(); ++i)
            bind(statement, static_cast<int>(i) + 1, values[i]);
        const int width = sqlite3_column_count(statement);
        std::vector<control::Cell> cells;
        while (step(statement)) {
            for (int column = 0; column < width; ++column)
                cells.push_back(cell_at(statement, column));
        }
        return control::Rows{static_cast<std::size_t>(width), std::move(cells)};
    });
}

void ControlSession::begin_write() {
    converted([&] { execute(connection_.handle(), "BEGIN IMMEDIATE"); });
}

void ControlSession::begin_read() {
    converted([&] { execute(connection_.handle(), "BEGIN"); });
}

void ControlSession::commit() {
    converted([&] { execute(connection_.handle(), "COMMIT"); });
}

void ControlSession::rollback() noexcept {
    if (sqlite3_get_autocommit(connection_.handle()) == 0)
        sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<std::unique_ptr<ControlStore>> open_control_store(const std::filesystem::path& path,
                                                         std::string_view actor) {
    return open_with(path, [&](const std::string& name) {
        return control::make_control_store(
            std::make_unique<ControlSession>(name, Access::read_write, standard_lock_timeout),
            actor);
    });
}

Result<std::unique_ptr<AccountStore>> open_account_store(const std::filesystem::path& path) {
    return open_with(path, [&](const std::string& name) {
        return control::make_account_store(
            std::make_unique<ControlSession>(name, Access::read_write, standard_lock_timeout));
    });
}

Result<std::unique_ptr<TenureStore>> open_tenure_store(const std::filesystem::path& path) {
    return open_with(path, [&](const std::string& name) {
        return control::make_tenure_store(
            std::make_unique<ControlSession>(name, Access::read_write, standard_lock_timeout));
    });
}

Result<std::unique_ptr<RecordTransfer>> open_record_transfer(const std::filesystem::path& path) {
    return open_with(path, [&](const std::string& name) {
        return control::make_record_transfer(
            std::make_unique<ControlSession>(name, Access::read_write, standard_lock_timeout));
    });
}

Result<std::unique_ptr<auth::TenantKeys>> open_tenant_keys(const std::filesystem::path& path,
                                                           std::chrono::milliseconds lock_timeout) {
    return open_with(path, [&](const std::string& name) {
        const auto open_reader = [name, lock_timeout]() -> control::SessionHandle {
            try {
                return std::make_unique<ControlSession>(name, Access::read_only, lock_timeout);
            } catch (const SqliteFailure& failure) {
                throw failed(failure);
            }
        };
        return control::make_tenant_keys(
            open_reader, std::make_unique<ControlSession>(name, Access::read_write, lock_timeout));
    });
}

}  // namespace tenantry::engine::sqlite
