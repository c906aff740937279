#include "pg/client.hpp"

#include "connect_failure.hpp"
#include "libpq.hpp"
#include "pg/backoff.hpp"
#include "pg/decode.hpp"
#include "session_settings.hpp"
#include "startup.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <iterator>
#include <thread>

namespace tenantry::pg {
namespace {

/// PQconnectdb, but with a limit that holds for all of it.
void finish_connecting(PGconn* connection, std::chrono::steady_clock::time_point deadline) {
    auto wanted = PGRES_POLLING_WRITING;
    while (wanted != PGRES_POLLING_OK) {
        if (wanted == PGRES_POLLING_FAILED || PQstatus(connection) == CONNECTION_BAD)
            throw unreachable(connection);
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        pollfd socket{PQsocket(connection),
                      static_cast<short>(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
        const int ready =
            left.count() <= 0 ? 0 : ::poll(&socket, 1, static_cast<int>(left.count()));
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) throw Unreachable{{.message = no_answer}};
        wanted = PQconnectPoll(connection);
    }
}

}  // namespace

struct Client::Impl {
    ConnectionHandle connection;
    std::unordered_map<std::string, std::string> statements{};  // name by text
    Arguments::Wire wire{};
    bool pooled = false;

    PGconn* get() const noexcept { return connection.get(); }

    const std::string& prepared(const std::string& text) {
        const auto found = statements.find(text);
        if (found != statements.end()) return found->second;
        auto name = fmt::format("c{}", statements.size());
        check(answer_of(PQprepare(get(), name.c_str(), text.c_str(), 0, nullptr)));
        return statements.emplace(text, std::move(name)).first->second;
    }

    /// In one message: between two of them a pooler may take the session away.
    Answer run_once(const std::string& text, const Arguments& arguments) {
        arguments.fill(wire);
        return check(answer_of(PQexecParams(get(), text.c_str(), static_cast<int>(arguments.size()),
                                            nullptr, wire.values.data(), wire.lengths.data(),
                                            wire.formats.data(), 1)));
    }

    Answer execute(const char* name, const Arguments& arguments) {
        arguments.fill(wire);
        return check(answer_of(PQexecPrepared(get(), name, static_cast<int>(arguments.size()),
                                              wire.values.data(), wire.lengths.data(),
                                              wire.formats.data(), 1)));
    }

    Answer check(Answer answer) const {
        if (answer.kind == Answer::Kind::failed) throw ClientError{std::move(answer.failure)};
        if (answer.kind == Answer::Kind::none)
            throw ClientError{{.message = unreachable(get()).what()}};
        return answer;
    }
};

Client::Client(const Startup& startup) {
    const auto until = std::chrono::steady_clock::now() + startup.patience;
    Backoff backoff;
    while (true) {
        try {
            connect(startup);
            return;
        } catch (const Unreachable& unreachable) {
            if (unreachable.lasting() || std::chrono::steady_clock::now() >= until) throw;
        }
        std::this_thread::sleep_for(backoff.next());
    }
}

void Client::connect(const Startup& startup) {
    impl_ = std::make_unique<Impl>();
    impl_->connection = start_connecting(startup);
    PQsetNoticeProcessor(impl_->get(), [](void*, const char*) {}, nullptr);
    finish_connecting(impl_->get(), std::chrono::steady_clock::now() + attempt_timeout(startup));
    try {
        take_session(startup);
    } catch (const ClientError& error) {
        throw unreachable(error.failure());
    }
}

void Client::take_session(const Startup& startup) {
    const auto pid = impl_->run_once(backend_pid_sql, {});
    impl_->pooled = integer_at(pid.rows, 0, 0) != PQbackendPID(impl_->get());
    if (!impl_->pooled && !startup.settings.empty()) {
        const auto call = settings_call(startup);
        run(call.text, call.arguments);
    }
}

Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Answer Client::run(const std::string& text, const Arguments& arguments) {
    if (impl_->pooled) return impl_->run_once(text, arguments);
    return impl_->execute(impl_->prepared(text).c_str(), arguments);
}

void Client::script(const std::string& statements) {
    impl_->check(answer_of(PQexec(impl_->get(), statements.c_str())));
}

void Client::try_script(const std::string& statements) noexcept {
    PQclear(PQexec(impl_->get(), statements.c_str()));
}

std::vector<std::string> Client::notifications(std::chrono::milliseconds patience, int wake) {
    pollfd watched[] = {{PQsocket(impl_->get()), POLLIN, 0}, {wake, POLLIN, 0}};
    ::poll(watched, std::size(watched), static_cast<int>(patience.count()));
    if (watched[1].revents != 0) {
        eventfd_t count = 0;
        ::eventfd_read(wake, &count);
    }
    if (PQconsumeInput(impl_->get()) != 1)
        throw ClientError{{.message = unreachable(impl_->get()).what()}};
    std::vector<std::string> payloads;
    while (auto* notice = PQnotifies(impl_->get())) {
        payloads.emplace_back(notice->extra);
        PQfreemem(notice);
    }
    return payloads;
}

bool Client::pooled() const noexcept { return impl_->pooled; }

int Client::server_version() const noexcept { return PQserverVersion(impl_->get()); }

bool Client::in_transaction() const noexcept {
    return PQtransactionStatus(impl_->get()) != PQTRANS_IDLE;
}

bool Client::broken() const noexcept { return PQstatus(impl_->get()) != CONNECTION_OK; }

// What a server says before it hangs up comes first, and is read in a call of its own.
bool Client::gone() noexcept {
    constexpr int reads_max = 8;
    for (int i = 0; i < reads_max && !broken(); ++i) {
        pollfd socket{PQsocket(impl_->get()), POLLIN, 0};
        if (::poll(&socket, 1, 0) <= 0) return false;
        if (PQconsumeInput(impl_->get()) != 1) return true;
    }
    return broken();
}

Transaction::Transaction(Client& client, const std::string& begin) : client_{client} {
    client_.script(begin);
}

Transaction::~Transaction() {
    if (!client_.broken() && client_.in_transaction()) client_.try_script("ROLLBACK");
}

void Transaction::commit() { client_.script("COMMIT"); }

std::string text_at(const Rows& rows, std::size_t row, std::size_t column) {
    return std::string{rows.cell(row, column).value_or(std::string_view{})};
}

std::int64_t integer_at(const Rows& rows, std::size_t row, std::size_t column) {
    const auto cell = rows.cell(row, column);
    return cell ? decode_integer(*cell).value_or(0) : 0;
}

bool boolean_at(const Rows& rows, std::size_t row, std::size_t column) {
    const auto cell = rows.cell(row, column);
    return cell && !cell->empty() && cell->front() != 0;
}

std::string quoted_identifier(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += c;
        out += c;
    }
    return out + '"';
}

std::string quoted_literal(std::string_view text) {
    // E'' so that it means the same whatever standard_conforming_strings says.
    std::string out = "E'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += c;
        out += c;
    }
    return out + '\'';
}

}  // namespace tenantry::pg
