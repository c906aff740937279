// The proof that no answer depends on another tenant's rows. There are two servers, alike to the
// microsecond and the id, but for one thing: in the first one the tenant acme has rows. Then birch
// asks both the same, every operation of /openapi.json with everything of acme's that a request can
// name: ids in paths, filters, bodies and files, addresses that are taken there, cursors, tags.
// Each answer has to be the same to the byte.
//
// Requests are made from the document, so a new route is tested without anybody remembering to; one
// that no request can be made for fails. So does an operation that never once succeeds, since
// refusals alone prove little.

#include "api_document.hpp"
#include "base/text.hpp"
#include "fixture.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/null_sink.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/uuid/uuid.hpp>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <regex>
#include <stdexcept>

namespace tenantry::e2e {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

/// Stands still, and makes ids that count up from where it is told.
class FixedClock final : public Clock {
public:
    Timestamp now() const override { return Timestamp{1'800'000'000s}; }
    Uuid new_id() const override {
        const auto number = next_++;
        Uuid id{};
        id.data[6] = 0x70;
        id.data[8] = 0x80;
        for (std::size_t i = 0; i < 6; ++i)
            id.data[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
        return id;
    }
    void count_from(std::uint64_t number) { next_ = number; }

private:
    mutable std::atomic<std::uint64_t> next_ = 0;
};
const FixedClock fixed_clock;

auth::Secret secret() {
    return auth::Secret::parse("a secret for tests, 32 bytes or more").value();
}

/// One of the two servers.
class World {
public:
    World() {
        auto options = database_.options();
        options.webhooks.per_tenant = 10'000;
        server_ = server::Server::start(options, secret(), log_, clock_).value();
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    Answer ask(const Ask& asked) const {
        return Client{server_->port()}.exchange(asked.bytes(), asked.method == "HEAD");
    }
    void count_ids_from(std::uint64_t number) { clock_.count_from(number); }

private:
    Database database_;
    FixedClock clock_;
    server::Log log_{
        server::Log::Options{},
        std::make_shared<spdlog::logger>("world", std::make_shared<spdlog::sinks::null_sink_mt>())};
    std::unique_ptr<server::Server> server_;
};

/// What has to happen to a new row before the operation can succeed: a path to post to, in place of
/// `{}` its id.
const std::map<std::string, std::string> steps_before{
    {"markApprovalSent", "/api/approvals/{}/approve"},
    {"markApprovalFailed", "/api/approvals/{}/approve"},
};

/// Has no end; changes_test.cpp compares what it says in the two worlds.
bool is_endless(const ApiOperation& operation) { return operation.id == "streamChanges"; }

/// What takes a receiver that answers, or does not: webhooks_test.cpp tries these as another
/// tenant.
const std::set<std::string> without_success{"testWebhook", "redeliverDeadLetter",
                                            "discardDeadLetter"};

/// Without what is of chance: feeds have random names, the database looks at its own clock, secrets
/// are made, and deliveries fail when they do.
std::string comparable(std::string bytes) {
    static const std::regex epoch{R"re("(next|delivered_to)":"[0-9a-f]{16}-)re"};
    static const std::regex time{R"("committed_at":"[^"]*")"};
    static const std::regex secret{R"re("whsec_[^"]*")re"};
    static const std::regex fate{
        R"re("(state|failures|next_attempt_at|last_error)":("[^"]*"|null|[0-9]+))re"};
    bytes = std::regex_replace(bytes, epoch, R"re("$1":"epoch-)re");
    bytes = std::regex_replace(bytes, secret, R"("")");
    bytes = std::regex_replace(bytes, fate, R"re("$1":0)re");
    if (bytes.find("\"next_attempt_at\"") != std::string::npos) {
        static const std::regex length{"content-length: [0-9]+", std::regex::icase};
        bytes = std::regex_replace(bytes, length, "content-length: 0");
    }
    return std::regex_replace(bytes, time, R"("committed_at":"")");
}

/// What there is of one tenant, as far as requests can name it.
struct Known {
    std::string tenant;
    std::map<std::string, std::vector<std::string>> ids{};  // by schema
    std::map<std::string, json::object> rows{};             // one of each
    std::set<std::string> words{};                          // all strings in its rows
    std::set<std::string> cursors{};
    std::set<std::string> tags{};  // of rows
    std::set<std::string> keys{};  // idempotency keys that it used

    std::string id_of(const std::string& schema) const {
        const auto found = ids.find(schema);
        return found == ids.end() ? std::string{} : found->second.front();
    }
    std::set<std::string> all_ids() const {
        std::set<std::string> all;
        for (const auto& [schema, some] : ids) all.insert(some.begin(), some.end());
        return all;
    }
};

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    return out;
}

class TwoWorlds : public testing::Test {
protected:
    TwoWorlds() {
        with_.count_ids_from(1'000'000);
        fill(acme_, [this](const Ask& asked) { return with_.ask(asked); });
        // One is decided and one is not.
        EXPECT_EQ(with_
                      .ask(asking(acme_, "POST",
                                  "/api/approvals/" + acme_.id_of("Approval") + "/approve"))
                      .status,
                  200);
        look_around(acme_);
        for (auto* world : {&with_, &without_}) world->count_ids_from(1);
        fill(birch_, [this](const Ask& asked) { return both(asked); });
        look_around(birch_);
    }

    Ask asking(const Known& who, std::string method, std::string target) const {
        const auth::Claims claims{.subject = "someone",
                                  .tenant = TenantId::parse(who.tenant).value(),
                                  .role = "owner",
                                  .expires_at = fixed_clock.now() + 1h};
        return {.method = std::move(method),
                .target = std::move(target),
                .token = issuer_.issue(claims, fixed_clock.now())};
    }

    /// Asks both worlds and compares.
    Answer both(const Ask& asked) {
        auto first = with_.ask(asked);
        const auto second = without_.ask(asked);
        EXPECT_EQ(comparable(first.bytes), comparable(second.bytes))
            << asked.method << " " << asked.target << "\n"
            << asked.headers << asked.body;
        ++compared_;
        return first;
    }

    ApiDocument::Reference references_of(const Known& who) const {
        return [&who](const std::string& schema) { return who.id_of(schema); };
    }

    /// Two rows of everything that can be made: one with all it can have and one with the least.
    template <class Asker>
    void fill(Known& who, Asker ask) {
        for (bool all : {true, false}) {
            std::vector<const ApiOperation*> waiting;
            for (const auto& operation : document_.operations()) {
                if (document_.holds(operation.path) && operation.method == "POST" &&
                    operation.caller == ApiOperation::Caller::tenant) {
                    waiting.push_back(&operation);
                }
            }
            // What is referred to has to be there first; no order is known, so: as often as it
            // takes.
            for (auto rounds = waiting.size(); rounds > 0 && !waiting.empty(); --rounds) {
                std::erase_if(waiting, [&](const ApiOperation* operation) {
                    return make(who, *operation, all, ask);
                });
            }
            EXPECT_TRUE(waiting.empty()) << "no row can be made by " << waiting.front()->id;
        }
    }

    /// Makes a row and notes it down; false if a row that it has to refer to isn't there yet.
    template <class Asker>
    bool make(Known& who, const ApiOperation& operation, bool all, Asker ask) {
        auto asked = asking(who, "POST", operation.path);
        asked.body = json::serialize(
            document_.object_of(operation.body, all, references_of(who), ++serial_));
        if (takes_key(operation)) {
            const auto key = fmt::format("{}-{}-{}", operation.id, who.tenant, all);
            asked.headers = fmt::format("Idempotency-Key: {}\r\n", key);
            who.keys.insert(key);
        }
        const auto answer = ask(asked);
        if (answer.status != 201) return false;
        note(who, operation.created, answer);
        return true;
    }

    void note(Known& who, const std::string& schema, const Answer& answer) {
        const auto row = json::parse(answer.body).as_object();
        who.ids[schema].emplace_back(row.at("id").as_string());
        who.rows.try_emplace(schema, row);
        collect_strings(json::value(row), who.words);
        if (const auto tag = answer.header("etag"); !tag.empty()) who.tags.insert(tag);
    }

    /// Cursors and tags, which only reading gives.
    void look_around(Known& who) {
        for (const auto& operation : document_.operations()) {
            if (operation.method != "GET" || operation.caller != ApiOperation::Caller::tenant ||
                is_endless(operation))
                continue;
            const auto answer = with_.ask(
                asking(who, "GET", path_of(operation, who) + (operation.listed ? "?limit=1" : "")));
            if (const auto tag = answer.header("etag"); !tag.empty()) who.tags.insert(tag);
            if (!operation.listed || answer.status != 200) continue;
            const auto page = json::parse(answer.body);
            if (page.at("next").is_string()) who.cursors.emplace(page.at("next").as_string());
        }
    }

    static bool takes_key(const ApiOperation& operation) {
        return std::ranges::any_of(operation.parameters, [](const ApiParameter& parameter) {
            return equals_ignoring_case(parameter.name, "idempotency-key");
        });
    }

    /// With the ids of `who` in it.
    std::string path_of(const ApiOperation& operation, const Known& who) const {
        if (operation.path.find('{') == std::string::npos) return operation.path;
        if (!names_row(operation)) return path_with(operation, "anything");
        return path_with(operation, who.id_of(document_.held_at(operation.collection())));
    }
    /// Whether what stands in the path is a row's id, rather than any word.
    bool names_row(const ApiOperation& operation) const {
        return document_.holds(operation.collection());
    }
    static std::string path_with(const ApiOperation& operation, const std::string& id) {
        auto path = operation.path;
        for (auto open = path.find('{'); open != std::string::npos; open = path.find('{'))
            path.replace(open, path.find('}') - open + 1, id);
        return path;
    }

    void try_out(const ApiOperation& operation);
    void try_paths(const ApiOperation& operation);
    void try_query(const ApiOperation& operation);
    void try_bodies(const ApiOperation& operation);
    void try_files(const ApiOperation& operation);
    void try_headers(const ApiOperation& operation);
    std::vector<std::string> values_for(const ApiParameter& parameter) const;

    /// A request of birch that should succeed; one that consumes a row gets one of its own.
    Ask good(const ApiOperation& operation) {
        auto asked = asking(birch_, operation.method, operation.path);
        if (operation.path.find('{') != std::string::npos && !names_row(operation)) {
            asked.target = path_of(operation, birch_);
        } else if (operation.path.find('{') != std::string::npos) {
            const auto collection = operation.collection();
            const auto& schema = document_.held_at(collection);
            const auto maker = std::ranges::find_if(document_.operations(), [&](const auto& other) {
                return other.path == collection && other.method == "POST";
            });
            auto fresh = asking(birch_, "POST", collection);
            fresh.body = json::serialize(
                document_.object_of(maker->body, false, references_of(birch_), ++serial_));
            const auto answer = both(fresh);
            EXPECT_EQ(answer.status, 201) << schema << answer.body;
            const std::string id{json::parse(answer.body).at("id").as_string()};
            asked.target = path_with(operation, id);
            const auto step = steps_before.find(operation.id);
            if (step != steps_before.end())
                both(asking(birch_, "POST", fmt::format(fmt::runtime(step->second), id)));
        }
        give_body(operation, asked);
        return asked;
    }

    void give_body(const ApiOperation& operation, Ask& asked) {
        if (operation.media.empty()) return;
        asked.type = operation.media;
        if (operation.media == "application/json") {
            asked.body = json::serialize(
                document_.object_of(operation.body, true, references_of(birch_), ++serial_));
        } else if (operation.media == "text/csv") {
            asked.body = fmt::format("first_name,email\nA,s{}@example.com\n", ++serial_);
        } else {
            throw std::runtime_error{"the test doesn't know how to make a body of " +
                                     operation.media};
        }
    }

    /// What birch gets of an operation; whether it got something is noted.
    Answer as_birch(const ApiOperation& operation, const Ask& asked) {
        auto answer = both(asked);
        if (answer.status < 300) ++succeeded_[operation.id];
        return answer;
    }

    World with_;
    World without_;
    auth::TokenVerifier issuer_{secret()};
    ApiDocument document_{with_.ask({.target = "/openapi.json"}).body};
    Known acme_{.tenant = "acme"};
    Known birch_{.tenant = "birch"};
    int serial_ = 0;
    std::size_t compared_ = 0;
    std::map<std::string, std::size_t> succeeded_;
};

void TwoWorlds::try_paths(const ApiOperation& operation) {
    if (operation.path.find('{') == std::string::npos) return;
    auto ids = acme_.all_ids();
    ids.emplace(id_of_nobody);
    ids.emplace("no-id");
    for (const auto& id : ids) {
        auto asked = asking(birch_, operation.method, path_with(operation, id));
        give_body(operation, asked);
        const auto answer = as_birch(operation, asked);
        if (names_row(operation)) {
            EXPECT_GE(answer.status, 400) << operation.id << " " << id;
        }
        asked.headers = "Accept: application/problem+json\r\n";
        both(asked);
    }
}

/// What can stand for a parameter, everything of acme's that fits included.
std::vector<std::string> TwoWorlds::values_for(const ApiParameter& parameter) const {
    std::set<std::string> values{""};
    const auto& schema = parameter.schema;
    if (parameter.name == "wait") return {"0", "1"};
    if (const auto* allowed = schema.if_contains("enum")) {
        for (const auto& word : allowed->as_array()) values.emplace(word.as_string());
        return {values.begin(), values.end()};
    }
    for (const auto* bound : {"minimum", "maximum", "default"}) {
        if (const auto* value = schema.if_contains(bound)) values.insert(json::serialize(*value));
    }
    const auto type = std::string{schema.at("type").as_string()};
    if (type == "boolean") values.insert({"true", "false"});
    if (type == "string" || type == "array") {
        for (const auto* known : {&acme_, &birch_}) {
            values.insert(known->words.begin(), known->words.end());
            values.insert(known->cursors.begin(), known->cursors.end());
        }
    }
    if (values.size() == 1)
        throw std::runtime_error{"the test doesn't know what to give for " + parameter.name};
    return {values.begin(), values.end()};
}

void TwoWorlds::try_query(const ApiOperation& operation) {
    for (const auto& parameter : operation.parameters) {
        if (parameter.in != "query") continue;
        for (const auto& value : values_for(parameter)) {
            auto asked =
                asking(birch_, operation.method,
                       path_of(operation, birch_) + "?" + parameter.name + "=" + escaped(value));
            give_body(operation, asked);
            as_birch(operation, asked);
        }
    }
}

/// Each string member takes each of acme's values for a member of that name, and ids of acme's rows
/// stand wherever an id can.
void TwoWorlds::try_bodies(const ApiOperation& operation) {
    if (operation.media != "application/json") return;
    const auto target = path_of(operation, birch_);
    const auto& properties = operation.body.at("properties").as_object();
    for (const auto& [name, property] : properties) {
        std::set<std::string> values;
        for (const auto& [schema, row] : acme_.rows) {
            const auto* value = row.if_contains(name);
            if (value != nullptr && value->is_string()) values.emplace(value->as_string());
        }
        const auto& schema = document_.resolved(property.as_object());
        const auto* format = schema.if_contains("format");
        if (format != nullptr && *format == json::value("uuid")) {
            values.merge(acme_.all_ids());
            values.emplace(id_of_nobody);
        }
        if (schema.contains("writeOnly")) values.emplace("a secret");
        if (name == "tenant_id") values.insert({"acme", "birch", "nobodys"});
        for (const auto& value : values) {
            auto body =
                document_.object_of(operation.body, false, references_of(birch_), ++serial_);
            body[name] = value;
            auto asked = asking(birch_, operation.method, target);
            asked.body = json::serialize(body);
            as_birch(operation, asked);
        }
    }
}

/// Files that hold ids, addresses and references of acme's.
void TwoWorlds::try_files(const ApiOperation& operation) {
    if (operation.media != "text/csv") return;
    const auto& lead = acme_.rows.at("Lead");
    const auto text = [&](std::string_view name) { return std::string{lead.at(name).as_string()}; };
    const auto own = std::string{birch_.rows.at("Lead").at("email").as_string()};
    const auto agent = acme_.id_of("Agent");
    const std::string header = "id,first_name,email,assigned_agent\n";
    for (const auto& rows : {fmt::format("{},A,new@example.com,\n", text("id")),
                             fmt::format(",A,{},\n", text("email")), fmt::format(",A,{},\n", own),
                             fmt::format("{},A,{},\n", text("id"), own),
                             fmt::format(",A,another@example.com,{}\n", agent),
                             fmt::format(",A,another@example.com,{}\n", id_of_nobody),
                             fmt::format(",A,other@example.com,{}\n", birch_.id_of("Agent"))}) {
        for (const auto* query : {"?dry_run=true", ""}) {
            auto asked = asking(birch_, operation.method, operation.path + query);
            asked.type = operation.media;
            asked.body = header + rows;
            as_birch(operation, asked);
            // An id may be anybody's own as well; for the rest of the test it is acme's alone.
            both(asking(birch_, "DELETE", "/api/leads/" + text("id")));
        }
    }
    auto asked = asking(birch_, operation.method, operation.path);
    asked.type = operation.media;
    asked.body = "tenant_id,first_name\nacme,A\nbirch,B\n";
    as_birch(operation, asked);
}

void TwoWorlds::try_headers(const ApiOperation& operation) {
    for (const auto& parameter : operation.parameters) {
        if (parameter.in != "header") continue;
        const auto is = [&](std::string_view name) {
            return equals_ignoring_case(parameter.name, name);
        };
        std::set<std::string> values;
        if (is("x-tenant-id")) {
            values = {"acme", "birch", "nobodys"};
        } else if (is("idempotency-key")) {
            values = {"another-key"};
            for (const auto& key : acme_.keys) {
                if (key.starts_with(operation.id)) values.insert(key);
            }
        } else if (is("if-match") || is("if-none-match")) {
            values = acme_.tags;
            values.insert(birch_.tags.begin(), birch_.tags.end());
            values.insert({"*", "\"nobodys\""});
        } else {
            throw std::runtime_error{"the test doesn't know what to say in " + parameter.name};
        }
        for (const auto& value : values) {
            auto asked = good(operation);
            asked.headers = fmt::format("{}: {}\r\n", parameter.name, value);
            const auto answer = as_birch(operation, asked);
            EXPECT_EQ(answer.status == 403, is("x-tenant-id") && value != "birch");
            if (!asked.body.empty()) as_birch(operation, asked);
        }
    }
}

void TwoWorlds::try_out(const ApiOperation& operation) {
    try_paths(operation);
    try_query(operation);
    try_bodies(operation);
    try_files(operation);
    try_headers(operation);
    if (operation.method == "GET") {
        auto asked = good(operation);
        asked.method = "HEAD";
        both(asked);
    }
    as_birch(operation, good(operation));
}

TEST_F(TwoWorlds, AnswersAreTheSameWhateverAnotherTenantHas) {
    // Before birch does anything, and to be compared with what is there after it has tried all.
    const auto seen_by_acme = [&] {
        std::string all;
        for (const auto& operation : document_.operations()) {
            if (operation.method != "GET" || operation.caller != ApiOperation::Caller::tenant ||
                is_endless(operation))
                continue;
            all += comparable(with_.ask(asking(acme_, "GET", path_of(operation, acme_))).bytes);
        }
        return all;
    };
    const auto before = seen_by_acme();

    for (const auto* method : {"GET", "POST", "PATCH", "PUT", "DELETE"}) {
        for (const auto& operation : document_.operations()) {
            if (operation.method != method || is_endless(operation)) continue;
            if (operation.caller == ApiOperation::Caller::others) {
                for (const auto* who : {"acme", "birch", "nobodys"}) {
                    auto asked = asking(birch_, operation.method, path_with(operation, who));
                    give_body(operation, asked);
                    EXPECT_EQ(both(asked).status, 403) << operation.id;
                }
            } else {
                try_out(operation);
                EXPECT_EQ(succeeded_[operation.id] == 0, without_success.contains(operation.id))
                    << operation.id << " has to succeed, or nothing is proven of it";
            }
        }
    }
    EXPECT_GT(compared_, 500U);
    EXPECT_EQ(seen_by_acme(), before);
}

TEST_F(TwoWorlds, DifferInWhatAcmeSees) {
    // Else the test above would prove nothing.
    for (const auto& operation : document_.operations()) {
        if (operation.method != "GET" || operation.caller != ApiOperation::Caller::tenant) continue;
        if (!operation.listed && operation.path.find('{') == std::string::npos) continue;
        const auto asked = asking(acme_, "GET", path_of(operation, acme_));
        EXPECT_EQ(with_.ask(asked).status, 200) << operation.id;
        EXPECT_NE(with_.ask(asked).bytes, without_.ask(asked).bytes) << operation.id;
    }
    EXPECT_FALSE(acme_.cursors.empty());
}

}  // namespace
}  // namespace tenantry::e2e
