/// A connection of the pool's, whose handlers submit more while they are told.

#include "fixture.hpp"

#include "pg/link.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace tenantry::engine::postgres {
namespace {

using Outcomes = std::map<std::string, pg::Outcome>;

pg::Segment echo_of(const std::string& text, std::size_t times = 1) {
    pg::Segment segment;
    auto& call = segment.calls.emplace_back(pg::Call{.text = "SELECT $1::text"});
    for (std::size_t i = 0; i < times; ++i) call.arguments.add_text(text);
    return segment;
}

class LinkTest : public PostgresTest {
protected:
    std::unique_ptr<pg::Link> connect() {
        const pg::Startup startup{.url = url()};
        std::unique_ptr<pg::Link> link;
        bool ended = false;
        boost::asio::co_spawn(
            context_,
            pg::Link::connect(context_, startup,
                              std::chrono::steady_clock::now() + std::chrono::seconds{60}),
            [&](const std::exception_ptr& fault, auto made) {
                EXPECT_FALSE(fault);
                link = std::move(made);
                ended = true;
            });
        while (!ended) context_.run_one();
        return link;
    }
    /// Until the server has answered the last of what was sent; nothing is read of it meanwhile.
    void wait_until_answered(const std::string& text) {
        const auto idle =
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'tenantry_app' "
            "AND datname = current_database() AND state = 'idle' AND query = '" +
            text + "'";
        while (ask(idle) == "0") {
        }
        ask("1");
    }

    boost::asio::io_context context_;
};

// Two answers are there at once; who gets the first submits what breaks the connection.
TEST_F(LinkTest, ABreakInTheMiddleOfTellingGivesEachItsOwn) {
    constexpr std::size_t too_many_parameters = 70'000;
    auto link = connect();
    Outcomes outcomes;
    const auto note = [&](const std::string& whose) {
        return [&outcomes, whose](pg::Outcome outcome, const pg::Segment&) {
            outcomes[whose] = std::move(outcome);
        };
    };
    link->submit(echo_of("first"), [&](pg::Outcome outcome, const pg::Segment&) {
        outcomes["first"] = std::move(outcome);
        link->submit(echo_of("third", too_many_parameters), note("third"));
    });
    auto second = echo_of("second");
    second.calls[0].text = "SELECT $1::text AS second";
    link->submit(std::move(second), note("second"));
    wait_until_answered("SELECT $1::text AS second");
    while (outcomes.size() < 3) context_.run_one();
    EXPECT_EQ(outcomes["third"].kind, pg::Outcome::Kind::lost);
    ASSERT_EQ(outcomes["second"].kind, pg::Outcome::Kind::done);
    EXPECT_EQ(pg::text_at(outcomes["second"].answers[0].rows, 0, 0), "second");
    EXPECT_EQ(pg::text_at(outcomes["first"].answers[0].rows, 0, 0), "first");
}

}  // namespace
}  // namespace tenantry::engine::postgres
