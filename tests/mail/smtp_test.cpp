#include "mail/smtp.hpp"

#include "certificates.hpp"
#include "server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>

namespace tenantry::mail {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Not;
using Arguments = std::vector<std::string>;

constexpr auto password = "hunter2-hunter2";

Address address(std::string_view text) { return Address::parse(text).value(); }

Options options_for(const std::string& url) {
    return {.url = url, .from = address("noreply@example.com"), .from_name = "Tenantry"};
}

Options signed_in(const std::string& url, std::string_view with = password) {
    auto options = options_for(url);
    options.user = "ada";
    options.password = Password{with};
    return options;
}

Message message() {
    return {.to = address("bob@example.org"), .subject = "Welcome", .text = "Hello!\n"};
}

Result<void> send(Options options, const Message& given = message()) {
    return Smtp::make(std::move(options)).value().send(given, steady_clock::now() + hours{1});
}

auto unavailable(const std::string& why) {
    return AllOf(Field(&Error::code, Errc::mail_unavailable),
                 Field(&Error::message, AllOf(HasSubstr(why), Not(HasSubstr(password)))));
}

/// Nobody listens there any more.
std::string deserted_url() { return Server{}.url(); }

class SmtpToServer : public testing::Test {
protected:
    static void SetUpTestSuite() { ::signal(SIGPIPE, SIG_IGN); }
};

TEST_F(SmtpToServer, TakesAMessage) {
    const Server server;
    ASSERT_TRUE(send(options_for(server.url())));
    const auto taken = server.taken();
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_EQ(taken[0].from, "noreply@example.com");
    EXPECT_THAT(taken[0].to, ElementsAre("bob@example.org"));
    EXPECT_FALSE(taken[0].tls);
    EXPECT_EQ(taken[0].headers.at("from"), "Tenantry <noreply@example.com>");
    EXPECT_EQ(taken[0].headers.at("to"), "bob@example.org");
    EXPECT_EQ(taken[0].headers.at("subject"), "Welcome");
    EXPECT_EQ(taken[0].headers.at("auto-submitted"), "auto-generated");
    EXPECT_TRUE(taken[0].headers.contains("date"));
    EXPECT_THAT(taken[0].headers.at("message-id"), HasSubstr("@example.com>"));
    EXPECT_EQ(taken[0].text, "Hello!\n");
    EXPECT_THAT(taken[0].options, testing::Contains("SIZE=" + std::to_string(taken[0].raw.size())));
}

TEST_F(SmtpToServer, BouncesGoToTheOptionsSenderWhoeverTheMessageIsFrom) {
    const Server server;
    auto given = message();
    given.from = address("help@acme.example");
    given.from_name = "Acme, Inc.";
    ASSERT_TRUE(send(options_for(server.url()), given));
    EXPECT_EQ(server.taken().at(0).from, "noreply@example.com");
    EXPECT_EQ(server.taken().at(0).headers.at("from"), "\"Acme, Inc.\" <help@acme.example>");
}

TEST_F(SmtpToServer, WordsOfAllLanguagesArrive) {
    const Server server;
    auto given = message();
    for (int i = 0; i < 12; ++i) given.subject += " Grüße, 你好, 🙂, привет";
    given.text = "Grüße\n你好 =20 =\n🙂  \n\tend";
    ASSERT_TRUE(send(options_for(server.url()), given));
    EXPECT_EQ(server.taken().at(0).headers.at("subject"), given.subject);
    EXPECT_EQ(server.taken().at(0).text, given.text + "\n");
}

TEST_F(SmtpToServer, AddressesMayBeInAllLanguages) {
    const Server server;
    auto given = message();
    given.to = address("gülay@example.org");
    ASSERT_TRUE(send(options_for(server.url()), given));
    EXPECT_THAT(server.taken().at(0).to, ElementsAre("gülay@example.org"));
    EXPECT_THAT(server.taken().at(0).options, testing::Contains("SMTPUTF8"));
}

TEST_F(SmtpToServer, DotsAtTheBeginningOfLinesArrive) {
    const Server server;
    auto given = message();
    given.text = ".\n..\n...x\n.hidden\nEND\n.\r\nQUIT\n";
    // More than libcurl's buffers hold at once, so that a line's end and its dot part somewhere.
    for (int i = 0; i < 30'000; ++i)
        given.text += std::string(static_cast<std::size_t>(i % 7), 'x') + "\n.\n";
    ASSERT_TRUE(send(options_for(server.url()), given));
    auto expected = given.text;
    expected.erase(expected.find('\r'), 1);
    EXPECT_TRUE(server.taken().at(0).text == expected);  // too long to be printed
}

TEST_F(SmtpToServer, NoFieldAddsAHeaderOrARecipient) {
    const Server server;
    auto given = message();
    given.subject = "Hi\r\nBcc: eve@example.com";
    EXPECT_EQ(send(options_for(server.url()), given).error().field, "subject");
    given = message();
    given.from = address("help@acme.example");
    given.from_name = "Acme\nBcc: eve@example.com";
    EXPECT_EQ(send(options_for(server.url()), given).error().field, "from_name");
    EXPECT_TRUE(server.taken().empty());
}

TEST_F(SmtpToServer, RefusalsForNowAndForGoodAreTold) {
    for (const auto* command : {"MAIL", "RCPT", "DATA"}) {
        const Server busy{{"--refuse", command, "451 4.3.0 try later"}};
        EXPECT_THAT(send(options_for(busy.url())).error(),
                    unavailable("refused the message for now: 451 4.3.0 try later"))
            << command;
        const Server firm{{"--refuse", command, "550 5.1.1 no such mailbox"}};
        EXPECT_THAT(send(options_for(firm.url())).error(),
                    unavailable("refused the message: 550 5.1.1 no such mailbox"))
            << command;
        EXPECT_TRUE(busy.taken().empty());
        EXPECT_TRUE(firm.taken().empty());
    }
}

TEST_F(SmtpToServer, AServerMayRefuseWhoeverConnects) {
    const Server server{{"--says", "554 5.7.1 not you"}};
    EXPECT_THAT(send(options_for(server.url())).error(),
                unavailable("refused the message: 554 5.7.1 not you"));
}

TEST_F(SmtpToServer, WhereNobodyListensNobodyIsReached) {
    EXPECT_THAT(send(options_for(deserted_url())).error(), unavailable("could not be reached: "));
    EXPECT_THAT(send(options_for("smtp://nowhere.invalid:25")).error(),
                unavailable("nowhere.invalid:25 could not be reached: "));
}

TEST_F(SmtpToServer, AServerThatSaysNothingIsLeftAtTheDeadline) {
    const Server server{{"--says", ""}};
    const auto smtp = Smtp::make(options_for(server.url())).value();
    const auto sent = smtp.send(message(), steady_clock::now() + milliseconds{100});
    EXPECT_EQ(sent.error().code, Errc::deadline_exceeded);
    EXPECT_THAT(sent.error().message, HasSubstr("did not answer in time"));
}

TEST_F(SmtpToServer, OrWhenTheOptionsTimeIsUp) {
    const Server server{{"--says", "220 hello"}};
    auto options = options_for(server.url());
    options.timeout = milliseconds{100};
    EXPECT_THAT(send(std::move(options)).error(), unavailable("did not answer in time"));
    options = options_for(server.url());
    options.connect_timeout = milliseconds{100};
    EXPECT_THAT(send(std::move(options)).error(), unavailable("did not answer in time"));
}

TEST_F(SmtpToServer, AMessageThatWasTakenIsSentEvenIfNobodySaysGoodbye) {
    const Server server{{"--without-farewell"}};
    EXPECT_TRUE(send(options_for(server.url())));
    EXPECT_EQ(server.taken().size(), 1U);
}

TEST_F(SmtpToServer, StoppingEndsWhatIsUnderWay) {
    const Server server{{"--says", "220 hello"}};
    auto smtp = Smtp::make(options_for(server.url())).value();
    Result<void> sent;
    std::thread sender{[&] { sent = smtp.send(message(), steady_clock::now() + hours{1}); }};
    smtp.stop();
    sender.join();
    EXPECT_EQ(sent.error().code, Errc::shutting_down);
}

TEST_F(SmtpToServer, ThreadsSendAtTheSameTime) {
    const Server server;
    const auto smtp = Smtp::make(options_for(server.url())).value();
    std::vector<std::thread> senders;
    std::atomic<int> sent = 0;
    for (int i = 0; i < 8; ++i) {
        senders.emplace_back([&, i] {
            auto given = message();
            given.subject = std::to_string(i);
            if (smtp.send(given, steady_clock::now() + hours{1})) ++sent;
        });
    }
    for (auto& sender : senders) sender.join();
    EXPECT_EQ(sent, 8);
    std::set<std::string> subjects;
    std::set<std::string> ids;
    for (const auto& taken : server.taken()) {
        subjects.insert(taken.headers.at("subject"));
        ids.insert(taken.headers.at("message-id"));
    }
    EXPECT_EQ(subjects.size(), 8U);
    EXPECT_EQ(ids.size(), 8U);
}

TEST_F(SmtpToServer, UserAndPasswordAreShown) {
    const Server server{{"--user", "ada", "--password", password}};
    ASSERT_TRUE(send(signed_in(server.url())));
    EXPECT_EQ(server.taken().at(0).user, "ada");
}

TEST_F(SmtpToServer, WrongPasswordsAreRefused) {
    const Server server{{"--user", "ada", "--password", "another"}};
    EXPECT_THAT(send(signed_in(server.url())).error(),
                unavailable("refused to let this user sign in: 535 5.7.8"));
    EXPECT_THAT(send(options_for(server.url())).error(), unavailable("refused the message: 530"));
    EXPECT_TRUE(server.taken().empty());
}

TEST_F(SmtpToServer, AServerThatRepeatsThePasswordIsNotQuoted) {
    for (const auto* reply : {"535 5.7.8 not {password}", "535 5.7.8 not {blob}"}) {
        const Server server{{"--user", "ada", "--password", "another", "--refuse", "AUTH", reply}};
        EXPECT_THAT(send(signed_in(server.url())).error(),
                    unavailable("535 (a text that repeats the password)"));
    }
}

/// Servers with a certificate for `localhost`.
class SmtpByTls : public SmtpToServer {
protected:
    SmtpByTls() : folder_{std::filesystem::temp_directory_path() / "tenantry-mail-XXXXXX"} {
        auto pattern = folder_.string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"mkdtemp"};
        folder_ = pattern;
        certificates_.emplace(folder_, engine::testing::User{}, "localhost");
    }
    ~SmtpByTls() override { std::filesystem::remove_all(folder_); }

    Arguments with_certificate(Arguments more = {}) const {
        Arguments all{"--certificate", certificates_->certificate().string(), "--key",
                      certificates_->key().string()};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    Options trusting(Options options) const {
        options.ca_file = certificates_->authority();
        options.starttls = StartTls::always;
        return options;
    }
    const engine::testing::Certificates& certificates() const { return *certificates_; }

private:
    std::filesystem::path folder_;
    std::optional<engine::testing::Certificates> certificates_;
};

TEST_F(SmtpByTls, ConnectionsTurnToIt) {
    const Server server{with_certificate({"--user", "ada", "--password", password})};
    ASSERT_TRUE(send(trusting(signed_in(server.url("smtp", "localhost")))));
    const auto taken = server.taken();
    EXPECT_TRUE(taken.at(0).tls);
    EXPECT_EQ(taken.at(0).user, "ada");
}

TEST_F(SmtpByTls, ConnectionsAreItFromTheStart) {
    const Server server{with_certificate({"--tls-at-once"})};
    ASSERT_TRUE(send(trusting(options_for(server.url("smtps", "localhost")))));
    EXPECT_TRUE(server.taken().at(0).tls);
}

TEST_F(SmtpByTls, AnAuthorityThatIsNotGivenCountsForNothing) {
    const Server later{with_certificate()};
    const Server at_once{with_certificate({"--tls-at-once"})};
    for (const auto& url : {later.url("smtp", "localhost"), at_once.url("smtps", "localhost")}) {
        auto options = trusting(options_for(url));
        options.ca_file = certificates().other_authority();
        EXPECT_THAT(send(std::move(options)).error(), unavailable("made no TLS connection: "));
        options = trusting(options_for(url));
        options.ca_file.reset();
        EXPECT_THAT(send(std::move(options)).error(), unavailable("made no TLS connection: "));
    }
    EXPECT_TRUE(later.taken().empty());
    EXPECT_TRUE(at_once.taken().empty());
}

TEST_F(SmtpByTls, ACertificateForAnotherNameIsRefused) {
    const Server server{with_certificate()};
    EXPECT_THAT(send(trusting(options_for(server.url()))).error(),
                unavailable("made no TLS connection: "));
    EXPECT_TRUE(server.taken().empty());
}

TEST_F(SmtpByTls, WhereItIsRequiredNothingIsSentWithout) {
    const Server server{{"--user", "ada", "--password", password}};
    EXPECT_THAT(send(trusting(signed_in(server.url("smtp", "localhost")))).error(),
                unavailable("made no TLS connection: "));
    EXPECT_TRUE(server.taken().empty());
}

// Linux leads this address to this machine, which nobody could know by it.
TEST_F(SmtpByTls, AnyOtherMachineIsSpokenToWithoutOnlyIfToldSo) {
    const Server server;
    const auto url = server.url("smtp", "0.0.0.0");
    EXPECT_THAT(send(options_for(url)).error(), unavailable("made no TLS connection: "));
    EXPECT_TRUE(server.taken().empty());
    auto options = options_for(url);
    options.starttls = StartTls::never;
    ASSERT_TRUE(send(std::move(options)));
    EXPECT_FALSE(server.taken().at(0).tls);
}

TEST_F(SmtpByTls, ThisMachineIsSpokenToWithoutUnlessToldOtherwise) {
    const Server server{with_certificate()};
    ASSERT_TRUE(send(options_for(server.url("smtp", "localhost"))));
    EXPECT_FALSE(server.taken().at(0).tls);
}

}  // namespace
}  // namespace tenantry::mail
