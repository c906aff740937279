#include "control/stores.hpp"
#include "engine/executor.hpp"
#include "engine/postgres/migrate.hpp"
#include "engine/postgres/stores.hpp"
#include "pg/decode.hpp"
#include "postgres/client_pool.hpp"
#include "postgres/session.hpp"
#include "violations.hpp"

#include <fmt/format.h>

namespace tenantry::engine::postgres {
namespace {

constexpr std::string_view plain_word = "abcdefghijklmnopqrstuvwxyz_";
/// Writers of the platform's records take turns, as they do in a file.
constexpr std::int64_t control_lock = 0x54454E59'0001;
constexpr std::uint32_t oid_json = 114;

/// `@tenants` is `tenantry.tenants` here.
std::string translated(std::string_view sql) {
    std::string out;
    for (std::size_t i = 0; i < sql.size(); ++i) {
        if (sql[i] == '@' && plain_word.find(sql[i + 1]) != std::string_view::npos) {
            out += "tenantry.";
        } else {
            out += sql[i];
        }
    }
    return out;
}

void add(pg::Arguments& arguments, const control::Cell& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return arguments.add_literal(*text);
    if (const auto* number = std::get_if<std::int64_t>(&value))
        return arguments.add_integer(*number);
    if (const auto* time = std::get_if<Timestamp>(&value)) return arguments.add_timestamp(*time);
    arguments.add_null();
}

control::Cell read_cell(std::uint32_t type, std::string_view bytes) {
    const auto or_fault = [](auto value) {
        if (!value) throw Fault{"PostgreSQL: a control relation holds an odd value"};
        return *value;
    };
    switch (type) {
    case pg::oid::int8:
    case pg::oid::int4: return or_fault(pg::decode_integer(bytes));
    case pg::oid::boolean: return std::int64_t{or_fault(pg::decode_boolean(bytes)) ? 1 : 0};
    case pg::oid::timestamptz: return or_fault(pg::decode_timestamp(bytes));
    case pg::oid::uuid: {
        std::string text;
        append_uuid(text, or_fault(pg::decode_uuid(bytes)));
        return text;
    }
    case pg::oid::jsonb: return std::string{or_fault(pg::decode_jsonb(bytes))};
    case oid_json:
    default: return std::string{bytes};
    }
}

/// What a failed statement means to an operator.
std::optional<Error> meaning(const pg::Failure& failure) {
    const std::string_view code = failure.sqlstate;
    if (code == "23505") return fail(Errc::unique_violation, "it is there already");
    if (code == "53100") return disk_full();
    if (code == "40001" || code == "40P01" || code == "55P03" || code == "57014" ||
        code.starts_with("53"))
        return fail(Errc::storage_busy, "the database is busy; try again shortly");
    if (code == "25006") {
        return fail(Errc::storage_unusable,
                    "the database takes no writes now: it is a standby, or set to read only");
    }
    return std::nullopt;
}

control::Failure failed(const pg::ClientError& error) {
    return {fmt::format("PostgreSQL {}: {}", error.failure().sqlstate, error.what()),
            meaning(error.failure()), error.failure().sqlstate == "23503"};
}

class ControlSession final : public control::Session {
public:
    ControlSession(pg::Startup startup, std::unique_ptr<pg::Client> client)
        : startup_{std::move(startup)}, client_{std::move(client)} {}

    control::Rows run(std::string_view sql, const std::vector<control::Cell>& values) override {
        pg::Arguments arguments;
        for (const auto& value : values) add(arguments, value);
        return converted([&] { return rows_of(ready().run(text_of(sql), arguments).rows); });
    }

    void begin_write() override {
        begin([](pg::Client& client) {
            client.script("BEGIN");
            pg::Arguments lock;
            lock.add_integer(control_lock);
            client.run("SELECT pg_advisory_xact_lock($1::bigint)", lock);
        });
    }

    void begin_read() override {
        begin([](pg::Client& client) {
            client.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        });
    }

    void commit() override {
        open_ = false;
        converted([&] { client_->script("COMMIT"); });
    }

    void rollback() noexcept override {
        open_ = false;
        if (!client_->broken() && client_->in_transaction()) client_->try_script("ROLLBACK");
    }

private:
    /// Nothing has been done yet: if the connection breaks, once more on another one.
    template <class Work>
    void begin(Work work) {
        converted([&] {
            try {
                work(ready());
            } catch (const pg::ClientError&) {
                if (!client_->broken()) throw;
                work(ready());
            }
        });
        open_ = true;
    }

    /// A connection that broke since the last time is made anew, but not in the middle of a
    /// transaction, whose rest would be done without its beginning.
    pg::Client& ready() {
        if (!client_->gone()) return *client_;
        if (open_) throw pg::ClientError{{.message = "the connection broke in a transaction"}};
        client_ = connect_checked(startup_);
        return *client_;
    }

    const std::string& text_of(std::string_view sql) {
        std::string key{sql};
        const auto found = texts_.find(key);
        if (found != texts_.end()) return found->second;
        return texts_.emplace(key, translated(sql)).first->second;
    }

    static control::Rows rows_of(const pg::Rows& rows) {
        std::vector<control::Cell> cells;
        for (std::size_t r = 0; r < rows.size(); ++r) {
            for (std::size_t c = 0; c < rows.width(); ++c) {
                const auto bytes = rows.cell(r, c);
                cells.push_back(bytes ? read_cell(rows.type(c), *bytes) : control::Cell{});
            }
        }
        return {rows.width(), std::move(cells)};
    }

    template <class Function>
    static auto converted(Function function) -> decltype(function()) {
        try {
            return function();
        } catch (const pg::ClientError& error) {
            throw failed(error);
        }
    }

    pg::Startup startup_;
    std::unique_ptr<pg::Client> client_;
    bool open_ = false;  // a transaction is
    std::unordered_map<std::string, std::string> texts_;
};

/// Opens what `make` makes of a session. Errors: storage_unusable.
template <class Make>
auto open_with(const pg::Url& url, Make make) -> Result<decltype(make(control::SessionHandle{}))> {
    auto startup = control_startup(url);
    TENANTRY_TRY(client, connect_latest(startup));
    try {
        return make(std::make_unique<ControlSession>(std::move(startup), std::move(client)));
    } catch (const Fault& fault) {
        return unusable(url, fault.what());
    }
}

/// A client that `check` has approved of. Throws: Fault, and what `check` throws.
template <class Check>
std::unique_ptr<pg::Client> connect_with(const pg::Startup& startup, Check check) {
    for (int attempt = 1;; ++attempt) {
        try {
            auto client = std::make_unique<pg::Client>(startup);
            check(*client);
            return client;
        } catch (const pg::Unreachable& unreachable) {
            throw Fault{std::string{"PostgreSQL: "} + unreachable.what()};
        } catch (const pg::ClientError& error) {
            if (!is_break(error.failure()) || attempt == break_attempts_max)
                throw Fault{std::string{"PostgreSQL: "} + error.what()};
        }
    }
}

void check_role(pg::Client& client) {
    const auto facts = client.run(role_facts_sql);
    if (const auto objection = role_objection(facts.rows)) throw Fault{objection->message};
}

}  // namespace

std::unique_ptr<pg::Client> connect_checked(const pg::Startup& startup) {
    return connect_with(startup, check_role);
}

Result<std::unique_ptr<pg::Client>> connect_latest(const pg::Startup& startup) {
    Result<void> latest;
    try {
        auto client = connect_with(startup, [&](pg::Client& fresh) {
            latest = require_latest(fresh, startup.url);
            if (latest) check_role(fresh);
        });
        if (!latest) return latest.error();
        return client;
    } catch (const Fault& fault) {
        return unusable(startup.url, fault.what());
    }
}

Result<std::unique_ptr<ControlStore>> open_control_store(const pg::Url& url,
                                                         std::string_view actor) {
    return open_with(url, [&](control::SessionHandle session) {
        return control::make_control_store(std::move(session), actor);
    });
}

Result<std::unique_ptr<AccountStore>> open_account_store(const pg::Url& url) {
    return open_with(url, control::make_account_store);
}

Result<std::unique_ptr<TenureStore>> open_tenure_store(const pg::Url& url) {
    return open_with(url, control::make_tenure_store);
}

Result<std::unique_ptr<RecordTransfer>> open_record_transfer(const pg::Url& url) {
    return open_with(url, control::make_record_transfer);
}

Result<std::unique_ptr<auth::TenantKeys>> open_tenant_keys(const pg::Url& url) {
    return open_with(url, [&](control::SessionHandle session) {
        const auto open_another = [url]() -> control::SessionHandle {
            auto startup = control_startup(url);
            auto client = connect_checked(startup);
            return std::make_unique<ControlSession>(std::move(startup), std::move(client));
        };
        return control::make_tenant_keys(open_another, std::move(session));
    });
}

}  // namespace tenantry::engine::postgres
