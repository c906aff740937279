// Webhooks: what a real receiver gets of a tenant's changes, and who may say where they go.

#include "certificates.hpp"
#include "engine/test_database.hpp"
#include "fixture.hpp"
#include "receiver.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <cstdlib>
#include <map>
#include <numeric>
#include <thread>

namespace tenantry::e2e {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr auto failing = [](std::size_t) { return Receiver::Reply{503}; };

std::string base64(const unsigned char* bytes, std::size_t count) {
    std::string out(4 * ((count + 2) / 3) + 1, '\0');
    const auto length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes,
                                        static_cast<int>(count));
    out.resize(static_cast<std::size_t>(length));
    return out;
}

std::string from_base64(std::string text) {
    const auto padding = static_cast<std::size_t>(std::ranges::count(text, '='));
    std::string out(3 * text.size() / 4, '\0');
    EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                    reinterpret_cast<const unsigned char*>(text.data()),
                    static_cast<int>(text.size()));
    out.resize(out.size() - padding);
    return out;
}

/// What the message is signed with under `secret`, by OpenSSL.
std::string signature_of(const Received& message, const std::string& secret) {
    const auto key = from_base64(secret.substr(std::string_view{"whsec_"}.size()));
    const auto text = fmt::format("{}.{}.{}", message.header("webhook-id"),
                                  message.header("webhook-timestamp"), message.body);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &length);
    return "v1," + base64(digest.data(), length);
}

json::array changes_in(const Received& message) {
    return json::parse(message.body).at("data").at("changes").as_array();
}

std::vector<std::int64_t> numbers_in(const std::vector<Received>& messages) {
    std::vector<std::int64_t> out;
    for (const auto& message : messages) {
        for (const auto& change : changes_in(message)) out.push_back(change.at("seq").as_int64());
    }
    return out;
}

// What a receiver keeps that takes each message once, as it should.
std::vector<Received> once_each(const std::vector<Received>& messages) {
    std::vector<Received> out;
    std::map<std::string, std::string> bodies;
    for (const auto& message : messages) {
        const auto [known, is_new] = bodies.emplace(message.header("webhook-id"), message.body);
        if (is_new) {
            out.push_back(message);
        } else {
            EXPECT_EQ(json::parse(known->second).at("data"), json::parse(message.body).at("data"));
        }
    }
    return out;
}

class WebhooksTest : public ServerTest {
protected:
    WebhooksTest() { start(quick()); }

    server::ServerOptions quick() const {
        auto out = options();
        out.webhooks.private_addresses = services::PrivateAddresses::allowed;
        out.webhooks.delivery.attempts_max = 3;
        out.webhooks.delivery.first_pause = 5ms;
        out.webhooks.delivery.longest_pause = 20ms;
        out.webhooks.delivery.lease = 2s;
        return out;
    }

    struct Made {
        std::string id;
        std::string secret;
    };
    Made hook(const std::string& url, const std::string& more = "",
              std::string_view tenant = "acme") {
        const auto answer =
            post("/api/webhooks", fmt::format(R"({{"url":"{}"{}}})", url, more), tenant);
        EXPECT_EQ(answer.status, 201) << answer.body;
        const auto made = json::parse(answer.body);
        return {std::string{made.at("id").as_string()}, std::string{made.at("secret").as_string()}};
    }
    Answer post(const std::string& target, std::string body = "{}",
                std::string_view tenant = "acme") {
        return ask(
            {.method = "POST", .target = target, .token = token(tenant), .body = std::move(body)});
    }
    Answer act(const std::string& method, const std::string& target, std::string body = "",
               std::string_view tenant = "acme") {
        return ask(
            {.method = method, .target = target, .token = token(tenant), .body = std::move(body)});
    }
    json::value get(const std::string& target, std::string_view tenant = "acme") {
        return ask_json({.target = target, .token = token(tenant)});
    }
    json::value status(const Made& of) { return get("/api/webhooks/" + of.id + "/status"); }
    /// Asks until the webhook's status has that value.
    json::value wait_for_status(const Made& of, const std::string& member,
                                const json::value& value) {
        json::value seen;
        for (int i = 0; i < 1000; ++i) {
            seen = status(of);
            if (seen.at(member) == value) return seen;
            std::this_thread::sleep_for(20ms);
        }
        ADD_FAILURE() << member << " never was " << value << ": " << seen;
        return seen;
    }
    static std::string letters_of(const Made& of) {
        return "/api/webhooks/" + of.id + "/dead-letters";
    }
    /// The only dead letter.
    std::string letter(const Made& of) {
        wait_for_status(of, "dead_letters", 1);
        const auto page = get(letters_of(of));
        EXPECT_EQ(page.at("total"), 1);
        return std::string{page.at("dead_letters").at(0).at("id").as_string()};
    }
};

TEST_F(WebhooksTest, GetEachChangeSignedAndInOrder) {
    const Receiver receiver;
    make_lead("acme");  // before there was one
    const auto made = hook(receiver.url());
    EXPECT_THAT(made.secret, StartsWith("whsec_"));
    const auto lead = make_lead("acme", R"("first_name":"Grace")");
    make_lead("birch");
    EXPECT_EQ(act("DELETE", "/api/leads/" + lead).status, 204);
    std::vector<Received> got;
    for (std::size_t count = 1; numbers_in(got).size() < 2; ++count) got = receiver.wait_for(count);

    EXPECT_THAT(numbers_in(got), ElementsAre(2, 3));
    for (const auto& message : got) {
        EXPECT_EQ(message.target, "/hook");
        EXPECT_EQ(message.header("content-type"), "application/json");
        EXPECT_EQ(message.header("webhook-signature"), signature_of(message, made.secret));
        const auto body = json::parse(message.body);
        EXPECT_EQ(body.at("type"), "changes");
        EXPECT_EQ(body.at("data").at("tenant_id"), "acme");
    }
    EXPECT_EQ(changes_in(got.front())[0].at("row").at("first_name"), "Grace");
    const auto seen = wait_for_status(made, "behind", 0);
    EXPECT_EQ(seen.at("state"), "delivering");
    EXPECT_TRUE(seen.at("last_delivered_at").is_string());
    EXPECT_THAT(ask({.target = "/api/webhooks/" + made.id, .token = token("acme")}).body,
                Not(HasSubstr("secret\"")))
        << "it is shown once";
}

TEST_F(WebhooksTest, SendAgainWhatFailed) {
    Receiver receiver{
        [](std::size_t attempt) { return attempt < 3 ? Receiver::Reply{503} : Receiver::Reply{}; }};
    const auto made = hook(receiver.url());
    make_lead("acme");
    const auto got = receiver.wait_for(3);
    ASSERT_THAT(got, SizeIs(3));
    EXPECT_EQ(got[0].header("webhook-id"), got[2].header("webhook-id"));
    EXPECT_EQ(got[0].body, got[2].body);
    EXPECT_EQ(wait_for_status(made, "behind", 0).at("failures"), 0);
}

TEST_F(WebhooksTest, HeedRetryAfter) {
    auto patient = quick();
    patient.webhooks.delivery.attempts_max = 100;
    start(patient);
    Receiver receiver{[](std::size_t) { return Receiver::Reply{429, "retry-after: 600\r\n"}; }};
    const auto made = hook(receiver.url());
    make_lead("acme");
    receiver.wait_for(1);
    const auto seen = wait_for_status(made, "failures", 1);
    EXPECT_EQ(seen.at("state"), "failing");
    EXPECT_EQ(seen.at("last_error"), "the receiver answered 429");
    const auto due = parse_timestamp(seen.at("next_attempt_at").as_string()).value();
    EXPECT_GT(due, system_clock().now() + 500s);
    // Whoever can't wait says so.
    receiver.answer({});
    EXPECT_EQ(act("PATCH", "/api/webhooks/" + made.id, R"({"status":"active"})").status, 200);
    receiver.wait_for(2);
    wait_for_status(made, "behind", 0);
}

TEST_F(WebhooksTest, KeepWhatTheyGiveUpUntilItIsSentByHand) {
    Receiver receiver{failing};
    const auto made = hook(receiver.url());
    make_lead("acme");
    const auto id = letter(made);
    const auto sent = receiver.received();
    const auto shown = get(letters_of(made)).at("dead_letters").at(0);
    EXPECT_EQ(shown.at("attempts"), 3);
    EXPECT_EQ(shown.at("message_id").as_string(), sent.front().header("webhook-id"));

    const auto again = letters_of(made) + "/" + id + "/redeliver";
    const auto failed = post(again);
    EXPECT_EQ(failed.status, 502);
    EXPECT_EQ(failed.code(), "webhook_failed");
    EXPECT_THAT(failed.body, HasSubstr("the receiver answered 503"));
    EXPECT_EQ(get(letters_of(made)).at("dead_letters").at(0).at("attempts"), 4);

    receiver.answer({});
    EXPECT_EQ(post(again).status, 204);
    EXPECT_EQ(get(letters_of(made)).at("total"), 0);
    EXPECT_EQ(post(again).status, 404);
    const auto last = receiver.received().back();
    EXPECT_EQ(last.body, sent.front().body);
    EXPECT_EQ(last.header("webhook-id"), sent.front().header("webhook-id"));
    EXPECT_EQ(last.header("webhook-signature"), signature_of(last, made.secret));
}

TEST_F(WebhooksTest, ForgetADeadLetter) {
    const Receiver receiver{failing};
    const auto made = hook(receiver.url());
    make_lead("acme");
    const auto one = letters_of(made) + "/" + letter(made);
    EXPECT_EQ(act("DELETE", one, "", "birch").status, 404);
    EXPECT_EQ(act("DELETE", one).status, 204);
    EXPECT_EQ(act("DELETE", one).status, 404);
}

TEST_F(WebhooksTest, SendWhatTheyAreAskedFor) {
    const Receiver receiver;
    hook(receiver.url(), R"(,"relations":["leads"],"ops":["delete"])");
    const auto lead = make_lead("acme");
    make_agent("acme", "a@example.com");
    EXPECT_EQ(act("DELETE", "/api/leads/" + lead).status, 204);
    EXPECT_THAT(numbers_in(receiver.wait_for(1)), ElementsAre(3));
}

TEST_F(WebhooksTest, AreTheirTenantsOwn) {
    Receiver receiver{failing};
    const auto made = hook(receiver.url());
    make_lead("acme");
    const auto one = "/api/webhooks/" + made.id;
    const auto of_letter = letters_of(made) + "/" + letter(made);
    EXPECT_EQ(get("/api/webhooks", "birch").at("total"), 0);
    for (const auto& [method, target] :
         std::vector<std::pair<std::string, std::string>>{{"GET", one},
                                                          {"DELETE", one},
                                                          {"GET", one + "/status"},
                                                          {"GET", one + "/dead-letters"},
                                                          {"POST", one + "/test"},
                                                          {"POST", one + "/rotate-secret"},
                                                          {"POST", of_letter + "/redeliver"},
                                                          {"DELETE", of_letter}}) {
        const auto answer = act(method, target, "", "birch");
        EXPECT_EQ(answer.status, 404) << method << ' ' << target << answer.body;
    }
    EXPECT_EQ(act("PATCH", one, R"({"status":"paused"})", "birch").status, 404);
    EXPECT_EQ(act("POST", one + "/replay", R"({"since":"0"})", "birch").status, 404);
    EXPECT_EQ(get(one).at("status"), "active");
    // A letter of one webhook isn't reached through another.
    const auto other = hook(receiver.url(), "", "birch");
    EXPECT_EQ(post(letters_of(other) + "/" + letter(made) + "/redeliver", "", "birch").status, 404);
}

TEST_F(WebhooksTest, AreForAdministrators) {
    for (const auto* role : {"viewer", "operator"}) {
        const auto answer = ask({.method = "POST",
                                 .target = "/api/webhooks",
                                 .token = token("acme", role),
                                 .body = R"({"url":"https://example.com/"})"});
        EXPECT_EQ(answer.status, 403) << role;
        EXPECT_EQ(ask({.target = "/api/webhooks", .token = token("acme", role)}).status, 403);
    }
}

TEST_F(WebhooksTest, GoToPublicAddressesUnlessToldOtherwise) {
    const Receiver receiver;
    auto strict = quick();
    strict.webhooks.private_addresses = services::PrivateAddresses::refused;
    const auto before = hook(receiver.url());
    start(strict);
    for (const auto* url : {"http://example.com/", "https://127.0.0.1/", "https://[::1]/",
                            "https://169.254.169.254/latest", "https://10.0.0.1/", "nonsense"}) {
        const auto answer = post("/api/webhooks", fmt::format(R"({{"url":"{}"}})", url));
        EXPECT_EQ(answer.status, 400) << url << answer.body;
        EXPECT_EQ(answer.field(), "url") << url;
    }
    // A name is looked up when something is sent.
    const auto named = hook(receiver.url("https", "localhost"));
    const auto answer = post("/api/webhooks/" + named.id + "/test");
    EXPECT_EQ(answer.status, 502);
    EXPECT_THAT(answer.body, HasSubstr("the host has no public address"));
    // One that was made when more was allowed.
    EXPECT_EQ(post("/api/webhooks/" + before.id + "/test").status, 502);
    EXPECT_THAT(receiver.received(), IsEmpty());
}

TEST_F(WebhooksTest, RefuseWhatTheyCannotSend) {
    for (const auto* more :
         {R"(,"relations":["secrets"])", R"(,"relations":["webhooks"])", R"(,"ops":["truncate"])",
          R"(,"status":"gone")", R"(,"secret":"x")", R"(,"unknown":1)"}) {
        const auto answer =
            post("/api/webhooks", fmt::format(R"({{"url":"https://example.com/"{}}})", more));
        EXPECT_EQ(answer.status, 400) << more << answer.body;
    }
    EXPECT_EQ(post("/api/webhooks", "{}").status, 400);
    const auto made = hook("http://127.0.0.1:1/");
    EXPECT_EQ(act("PATCH", "/api/webhooks/" + made.id, R"({"url":"x"})").status, 400);
    const auto replay = "/api/webhooks/" + made.id + "/replay";
    EXPECT_EQ(post(replay, "{}").status, 400);
    EXPECT_EQ(post(replay, R"({"since":"nowhere"})").status, 400);
    EXPECT_EQ(post(replay, R"({"since":"7"})").status, 400) << "the feed isn't that long";
    EXPECT_EQ(post(replay, R"({"since":"0123456789abcdef-0"})").status, 400) << "another's feed";
}

TEST_F(WebhooksTest, AreLimitedInNumber) {
    for (int i = 0; i < 20; ++i) hook("http://127.0.0.1:1/");
    const auto answer = post("/api/webhooks", R"({"url":"http://127.0.0.1:1/"})");
    EXPECT_EQ(answer.status, 409) << answer.body;
}

TEST_F(WebhooksTest, ArePausedAndGoOn) {
    const Receiver receiver;
    const auto made = hook(receiver.url());
    const auto one = "/api/webhooks/" + made.id;
    EXPECT_EQ(act("PATCH", one, R"({"status":"paused"})").status, 200);
    make_lead("acme");
    EXPECT_EQ(status(made).at("state"), "paused");
    EXPECT_EQ(status(made).at("behind"), 1);
    EXPECT_EQ(act("PATCH", one, R"({"status":"active"})").status, 200);
    EXPECT_THAT(numbers_in(receiver.wait_for(1)), ElementsAre(1));
    EXPECT_EQ(act("DELETE", one).status, 204);
    EXPECT_EQ(act("GET", one).status, 404);
}

TEST_F(WebhooksTest, ArePausedByAReceiverThatIsGone) {
    const Receiver receiver{[](std::size_t) { return Receiver::Reply{410}; }};
    const auto made = hook(receiver.url());
    make_lead("acme");
    const auto seen = wait_for_status(made, "state", "paused");
    EXPECT_EQ(seen.at("last_error"), "the receiver answered 410");
    EXPECT_THAT(receiver.received(), SizeIs(1));
}

TEST_F(WebhooksTest, DontFollowRedirects) {
    const Receiver elsewhere;
    const Receiver receiver{[&](std::size_t) {
        return Receiver::Reply{307, fmt::format("location: {}\r\n", elsewhere.url())};
    }};
    const auto made = hook(receiver.url());
    const auto answer = post("/api/webhooks/" + made.id + "/test");
    EXPECT_EQ(answer.status, 502);
    EXPECT_THAT(answer.body, HasSubstr("redirects are not followed"));
    EXPECT_THAT(elsewhere.received(), IsEmpty());
}

TEST_F(WebhooksTest, SayWhatIsWrongWithAReceiver) {
    std::string nobody;
    {
        const Receiver gone;
        nobody = gone.url();
    }
    EXPECT_THAT(post("/api/webhooks/" + hook(nobody).id + "/test").body,
                HasSubstr("no connection could be made"));
    const Receiver plain;
    EXPECT_THAT(post("/api/webhooks/" + hook(plain.url("https")).id + "/test").body,
                HasSubstr("no TLS connection could be made"));
    EXPECT_THAT(post("/api/webhooks/" + hook("http://nobody.invalid/").id + "/test").body,
                HasSubstr("the host was not found"));
}

TEST_F(WebhooksTest, SendEverythingSinceAPlaceAgain) {
    const Receiver receiver;
    make_lead("acme");
    const auto made = hook(receiver.url());
    make_lead("acme");
    receiver.wait_for(1);
    wait_for_status(made, "behind", 0);
    EXPECT_EQ(post("/api/webhooks/" + made.id + "/replay", R"({"since":"0"})").status, 204);
    EXPECT_THAT(numbers_in(receiver.wait_for(2)), ElementsAre(2, 1, 2));
}

TEST_F(WebhooksTest, SignWithBothSecretsForADay) {
    const Receiver receiver;
    const auto made = hook(receiver.url());
    const auto one = "/api/webhooks/" + made.id;
    const auto fresh =
        std::string{json::parse(post(one + "/rotate-secret").body).at("secret").as_string()};
    EXPECT_NE(fresh, made.secret);
    EXPECT_EQ(post(one + "/test").status, 204);
    make_lead("acme");
    const auto got = receiver.wait_for(2);
    ASSERT_THAT(got, SizeIs(2));
    for (const auto& message : got) {
        EXPECT_EQ(message.header("webhook-signature"),
                  signature_of(message, fresh) + " " + signature_of(message, made.secret));
    }
    EXPECT_EQ(json::parse(got[0].body).at("type"), "test");
}

TEST_F(WebhooksTest, GoOnWithAnotherServer) {
    const Receiver receiver;
    hook(receiver.url());
    auto other = start_another(quick());
    ASSERT_TRUE(other);
    for (int i = 0; i < 10; ++i) make_lead("acme");
    stop();
    const Ask lead{.method = "POST",
                   .target = "/api/leads",
                   .token = token("acme"),
                   .body = R"({"first_name":"Ada"})"};
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(Client{(*other)->port()}.exchange(lead.bytes()).status, 201);
    std::vector<Received> got;
    do {
        const auto before = got.size();
        got = receiver.wait_for(before + 1);
        ASSERT_GT(got.size(), before);
    } while (numbers_in(got).back() < 20);
    // What was under way when the first one stopped comes twice, as the same message.
    std::vector<std::int64_t> each(20);
    std::iota(each.begin(), each.end(), 1);
    EXPECT_EQ(numbers_in(once_each(got)), each);
}

TEST_F(WebhooksTest, AreChangedByWayOfAnotherServer) {
    const Receiver before;
    const Receiver after;
    const auto made = hook(before.url());
    make_lead("acme");
    before.wait_for(1);
    wait_for_status(made, "behind", 0);
    auto other = start_another(quick());
    ASSERT_TRUE(other);
    // The first server, which is about to send, isn't told.
    const Ask change{.method = "PATCH",
                     .target = "/api/webhooks/" + made.id,
                     .token = token("acme"),
                     .body = fmt::format(R"({{"url":"{}"}})", after.url())};
    EXPECT_EQ(Client{(*other)->port()}.exchange(change.bytes()).status, 200);
    make_lead("acme");
    EXPECT_THAT(numbers_in(after.wait_for(1)), ElementsAre(2));
    EXPECT_THAT(before.received(), SizeIs(1));
}

TEST_F(WebhooksTest, GoByTlsToWhoeverTheMachineTrusts) {
    const engine::testing::TempDirectory folder;
    const engine::testing::Certificates certificates{folder.path(), {}, "localhost"};
    const Receiver receiver{{},
                            Receiver::Certificate{certificates.certificate(), certificates.key()}};
    setenv("SSL_CERT_FILE", certificates.authority().c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
    start(quick());
    const auto made = hook(receiver.url("https", "localhost"));
    const auto answer = post("/api/webhooks/" + made.id + "/test");
    EXPECT_EQ(answer.status, 204) << answer.body;
    const auto misnamed = hook(receiver.url("https"));
    EXPECT_EQ(post("/api/webhooks/" + misnamed.id + "/test").status, 502);

    setenv("SSL_CERT_FILE", certificates.other_authority().c_str(), 1);  // NOLINT
    start(quick());
    const auto refused = post("/api/webhooks/" + made.id + "/test");
    EXPECT_EQ(refused.status, 502);
    EXPECT_THAT(refused.body, HasSubstr("no TLS connection could be made"));
    unsetenv("SSL_CERT_FILE");  // NOLINT(concurrency-mt-unsafe)
    EXPECT_THAT(receiver.received(), SizeIs(1));
}

TEST_F(WebhooksTest, AreInTheMetrics) {
    auto open = quick();
    open.metrics = http::MetricsAccess::on;
    start(open);
    const Receiver receiver;
    const auto made = hook(receiver.url());
    make_lead("acme");
    receiver.wait_for(1);
    wait_for_status(made, "behind", 0);
    const auto page = ask({.target = "/metrics"}).body;
    EXPECT_THAT(page, HasSubstr("tenantry_webhooks 1\n"));
    EXPECT_THAT(page, HasSubstr("tenantry_webhook_messages_total{outcome=\"delivered\"} 1\n"));
}

}  // namespace
}  // namespace tenantry::e2e
