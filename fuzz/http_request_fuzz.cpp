/// Any bytes as what a connection receives: the first says how many bytes come at a time. Whatever
/// comes, the requests in it are the same however it is cut; each is answered with a refusal or
/// becomes plans of the token's own tenant; each answer is JSON and framed as HTTP.

#include "base/text.hpp"
#include "http/handle.hpp"
#include "http/request_reader.hpp"
#include "query/sql.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tenantry;
using namespace tenantry::http;
using State = RequestReader::State;

void require(bool truth) {
    if (!truth) std::abort();
}

constexpr std::string_view own_tenant = "acme";

class FixedClock final : public Clock {
public:
    Timestamp now() const override { return Timestamp{std::chrono::seconds{1'700'000'000}}; }
};

class OpenDirectory final : public auth::Directory {
public:
    auth::Standing standing(const TenantId&, std::string_view) override {
        return {.tenant = auth::TenantStatus::active};
    }
};

/// Instead of an engine: looks at the plans as far as the SQL, and finds nothing.
class PlanChecker final : public engine::Executor {
public:
    boost::asio::awaitable<Result<query::Reply>> run(query::ScopedPlan plan,
                                                     engine::Deadline) override {
        check(plan);
        co_return fail(Errc::not_found, "the fuzzer's database is empty");
    }
    boost::asio::awaitable<Result<std::vector<query::Reply>>> read_all(
        std::vector<query::ScopedPlan> plans, engine::Deadline) override {
        for (const auto& plan : plans) check(plan);
        co_return fail(Errc::not_found, "the fuzzer's database is empty");
    }
    boost::asio::awaitable<Result<std::vector<query::Reply>>> run_all(
        std::vector<query::ScopedPlan> plans, engine::Deadline) override {
        for (const auto& plan : plans) check(plan);
        co_return fail(Errc::not_found, "the fuzzer's database is empty");
    }

private:
    static void check(const query::ScopedPlan& plan) {
        require(plan.tenant().text() == own_tenant);
        require(!query::print_sql(plan, query::sqlite_dialect()).main.text.empty());
    }
};

class AlwaysReady final : public Readiness {
public:
    boost::asio::awaitable<bool> database_readable(engine::Deadline) override { co_return true; }
};

/// No input may lead to a fault.
class StrictObserver final : public Observer {
public:
    void observe(const RequestFinished& event) noexcept override { require(event.status < 500); }
    void observe(const RequestFaulted&) noexcept override { std::abort(); }
    void observe(const AcceptFailed&) noexcept override {}
    void observe(const ConnectionsExhausted&) noexcept override {}
    void observe(const SessionFaulted&) noexcept override {}
    void observe(const ListenerStarted&) noexcept override {}
    void observe(const ListenerDraining&) noexcept override {}
    void observe(const ListenerStopped&) noexcept override {}
};

class Harness {
public:
    Harness() {
        const auth::Claims claims{.subject = "fuzzer",
                                  .tenant = TenantId::parse(own_tenant).value(),
                                  .role = "owner",
                                  .expires_at = clock_.now() + std::chrono::hours{1}};
        authorization_ = "Bearer " + verifier_.issue(claims, clock_.now());
        app_.catalog.set(with_functions());
    }

    void answer(Request request) {
        // Bytes can't guess a signature: whoever sends any credentials has the right ones.
        if (!request.authorization.empty()) request.authorization = authorization_;
        run(refuse_early(app_, request, engine::Deadline::max()));
        check(run(handle(app_, request, engine::Deadline::max())), request.method == Method::head);
    }

private:
    /// What requests can call: one that gives leads, and one that takes all kinds of arguments.
    static std::shared_ptr<const schema::Catalog> with_functions() {
        using schema::ColumnType;
        auto catalog = std::make_shared<schema::Catalog>(schema::lead_catalog());
        const std::shared_ptr<const schema::Relation> leads{std::shared_ptr<void>{},
                                                            catalog->find("leads")};
        schema::Function best{
            .name = "best", .returns = schema::Function::Returns::rows, .result = leads};
        best.parameters.push_back({{"n", ColumnType::integer, {}}, true, false});
        catalog->add_function(std::move(best));
        schema::Function takes{
            .name = "takes", .returns = schema::Function::Returns::value, .writes = true};
        std::vector<schema::Column> result;
        result.emplace_back("takes", ColumnType::text, schema::Column::Options{});
        takes.result = std::make_shared<const schema::Relation>("takes", std::move(result), 0,
                                                                schema::Relation::Kind::result);
        for (const auto type : {ColumnType::text, ColumnType::integer, ColumnType::boolean,
                                ColumnType::uuid, ColumnType::json, ColumnType::native}) {
            const auto letter = static_cast<char>('a' + takes.parameters.size());
            schema::Column::Options options{.native_type = "integer[]"};
            const bool last = type == ColumnType::native;
            takes.parameters.push_back(
                {{std::string{letter}, type, std::move(options)}, true, last});
        }
        catalog->add_function(std::move(takes));
        return catalog;
    }

    template <class T>
    static T run(boost::asio::awaitable<T> work) {
        boost::asio::io_context context;
        std::optional<T> result;
        boost::asio::co_spawn(context, std::move(work),
                              [&](const std::exception_ptr& thrown, T answered) {
                                  require(!thrown);
                                  result = std::move(answered);
                              });
        context.run();
        return std::move(*result);
    }

    static void check(const Response& response, bool head) {
        require(is_clean_utf8(response.body));
        boost::system::error_code error;
        if (!response.body.empty()) (void)boost::json::parse(response.body, error);
        require(!error);
        std::string wire;
        append_response(wire, response, Framing{.date = "now", .head = head});
        const auto end = wire.find("\r\n\r\n");
        require(end != std::string::npos);
        require(wire.size() - end - 4 == (head ? 0 : response.body.size()));
    }

    FixedClock clock_;
    OpenDirectory directory_;
    PlanChecker executor_;
    AlwaysReady readiness_;
    StrictObserver observer_;
    auth::TokenVerifier verifier_{
        auth::Secret::parse("a secret for fuzzing, 32 bytes or more").value()};
    auth::ScopeIssuer issuer_{verifier_, directory_};
    services::NoSealer sealer_;
    services::UnifiedDatabaseManager manager_{executor_, clock_, sealer_};
    Transfers transfers_{executor_, {.folder = std::filesystem::temp_directory_path()}};
    App app_{manager_,   issuer_, clock_, readiness_, observer_, {"https://app.example.com"},
             &transfers_};
    std::string authorization_;
};

std::vector<Request> read_in_pieces(std::string_view stream, std::size_t piece) {
    const Limits limits{.header_bytes_max = 4096, .target_bytes_max = 1024, .body_bytes_max = 4096};
    RequestReader reader{limits};
    std::vector<Request> requests;
    std::string buffer;
    while (true) {
        const auto step = reader.feed(buffer);
        require(step.used <= buffer.size());
        buffer.erase(0, step.used);
        if (step.state == State::refused) {
            require(!reader.refusal().error.message.empty());
            return requests;
        }
        if (step.state == State::complete) {
            requests.push_back(reader.request());
            reader.restart();
        } else if (step.state == State::need_more) {
            require(buffer.size() < limits.header_bytes_max);
            if (stream.empty()) return requests;
            buffer += stream.substr(0, piece);
            stream.remove_prefix(std::min(piece, stream.size()));
        }
    }
}

bool same(const Request& a, const Request& b) {
    return a.method == b.method && a.target == b.target && a.authorization == b.authorization &&
           a.tenant_selector == b.tenant_selector && a.content_type == b.content_type &&
           a.origin == b.origin && a.accept == b.accept && a.if_none_match == b.if_none_match &&
           a.body == b.body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Harness harness;
    if (size == 0) return 0;
    const std::string_view stream{reinterpret_cast<const char*>(data) + 1, size - 1};
    const auto requests = read_in_pieces(stream, size);
    const auto cut = read_in_pieces(stream, std::size_t{1} + data[0] % 64);
    require(requests.size() == cut.size());
    for (std::size_t i = 0; i < requests.size(); ++i) require(same(requests[i], cut[i]));
    for (const auto& request : requests) harness.answer(request);
    return 0;
}
