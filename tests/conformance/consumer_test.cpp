/// Durable consumers on every engine: what is delivered, in which order, and what happens to what
/// can't be.

#include "base/limits.hpp"
#include "consumers/dead_letters.hpp"
#include "consumers/durable_consumer.hpp"
#include "engine/any_database.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <functional>
#include <mutex>
#include <thread>

namespace tenantry::consumers {
namespace {

using engine::testing::AnyDatabase;
using engine::testing::EngineKind;
using engine::testing::wait_for;
using std::chrono::milliseconds;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

struct Sent {
    std::string id;
    std::string body;  // "insert 1,update 2"
};

class FakeSink final : public Sink {
public:
    bool wants(const feed::Change& change) const override { return wanted(change); }
    std::string encode(const Message& message) const override {
        std::string out;
        for (const auto& change : message.changes)
            out += fmt::format("{}{} {}", out.empty() ? "" : ",", name_of(change->op), change->seq);
        return message.resync_required ? "resync" : out;
    }
    boost::asio::awaitable<Outcome> deliver(std::string id, std::string body) override {
        sent.push_back({std::move(id), std::move(body)});
        co_return answer(sent.size());
    }

    std::vector<std::string> bodies() const {
        std::vector<std::string> out;
        for (const auto& one : sent) out.push_back(one.body);
        return out;
    }

    std::function<bool(const feed::Change&)> wanted = [](const auto&) { return true; };
    std::function<Outcome(std::size_t)> answer = [](std::size_t) { return Outcome{}; };
    std::vector<Sent> sent{};
};

class ConsumerConformance : public ::testing::TestWithParam<EngineKind> {
protected:
    ConsumerConformance() { begin(consumer_, {}); }

    void begin(const Uuid& consumer, const feed::Position& from) {
        database_.run(first_progress(consumer, version_, from), scope_).value();
    }
    static const schema::Relation& leads() { return schema::lead_catalog().relation("leads"); }
    void add_lead() {
        database_
            .run(query::Insert{.relation = &leads(),
                               .columns = {&leads().column("first_name")},
                               .rows = {{schema::Text{"Ada"}}}},
                 scope_)
            .value();
    }
    Progress progress() {
        return wait_for(find_progress(database_.engine(), consumer_, scope_,
                                      engine::testing::no_deadline))
            .value()
            .value();
    }
    bool change(query::Request request) {
        std::vector<query::Request> one;
        one.push_back(std::move(request));
        return wait_for(write(database_.engine(), std::move(one), {system_clock().now(), new_uuid},
                              scope_, engine::testing::no_deadline))
            .value();
    }

    ConsumerTools tools(const Uuid& holder) {
        return {database_.engine(),
                issuer_,
                *feed_,
                system_clock(),
                turns_,
                counts_,
                holder,
                "test",
                options_};
    }

    /// Runs a consumer until `enough`, then stops it; how it ended.
    DurableConsumer::End run_until(Sink& sink, const std::function<bool()>& enough,
                                   const Uuid& holder) {
        auto context = engine::testing::Contexts::instance().take();
        DurableConsumer consumer{tools(holder), scope_.tenant(),        consumer_, version_,
                                 sink,          context->get_executor()};
        auto end = boost::asio::co_spawn(*context, consumer.run(), boost::asio::use_future);
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        while (!context->stopped()) {
            context->run_one_for(milliseconds{20});
            const bool late = std::chrono::steady_clock::now() > until;
            EXPECT_FALSE(late) << "it takes too long";
            if (enough() || late) consumer.stop();
        }
        engine::testing::Contexts::instance().give_back(std::move(context));
        return end.get();
    }
    DurableConsumer::End run_until(FakeSink& sink, std::size_t count) {
        return run_until(sink, [&] { return sink.sent.size() >= count; }, holder_);
    }

    AnyDatabase database_{GetParam()};
    TenantScope scope_ = database_.scope("acme");
    auth::ScopeIssuer issuer_ = database_.issuer();
    std::unique_ptr<feed::Feed> feed_ =
        feed::make_feed(database_.engine(), issuer_, schema::lead_catalog());
    feed::Turns turns_{4};
    DeliveryCounts counts_;
    DeliveryOptions options_{.attempts_max = 3,
                             .first_pause = milliseconds{1},
                             .longest_pause = milliseconds{4},
                             .trouble_pause = milliseconds{10}};
    const Uuid consumer_ = new_uuid();
    const Uuid version_ = new_uuid();
    const Uuid holder_ = new_uuid();
};

INSTANTIATE_TEST_SUITE_P(All, ConsumerConformance,
                         ::testing::ValuesIn(engine::testing::all_engines),
                         [](const auto& each) { return name_of(each.param); });

TEST_P(ConsumerConformance, DeliversWhatWasCommittedInOrder) {
    for (int i = 0; i < 5; ++i) add_lead();
    FakeSink sink;
    options_.changes_max = 2;
    EXPECT_EQ(run_until(sink, 3), DurableConsumer::End::stopped);
    EXPECT_THAT(sink.bodies(), ElementsAre("insert 1,insert 2", "insert 3,insert 4", "insert 5"));
    EXPECT_EQ(progress().position.seq, 5);
    EXPECT_TRUE(progress().delivered_at);
    EXPECT_FALSE(progress().leased_by) << "the next server need not wait";
    EXPECT_EQ(counts_.delivered, 3U);
}

TEST_P(ConsumerConformance, GoesOnWhereItWas) {
    add_lead();
    FakeSink first;
    run_until(first, 1);
    add_lead();
    FakeSink second;
    run_until(second, 1);
    EXPECT_THAT(second.bodies(), ElementsAre("insert 2"));
}

TEST_P(ConsumerConformance, SendsAFailedMessageAgainAsItWas) {
    add_lead();
    add_lead();
    FakeSink sink;
    sink.answer = [&](std::size_t attempt) {
        if (attempt > 1) return Outcome{};
        add_lead();
        return Outcome{Outcome::Kind::failed, "it is asleep"};
    };
    run_until(sink, 3);
    EXPECT_THAT(sink.bodies(), ElementsAre("insert 1,insert 2", "insert 1,insert 2", "insert 3"));
    EXPECT_EQ(sink.sent[0].id, sink.sent[1].id);
    EXPECT_NE(sink.sent[1].id, sink.sent[2].id);
    EXPECT_EQ(progress().failures, 0);
    EXPECT_FALSE(progress().last_error);
}

TEST_P(ConsumerConformance, AnotherServerSendsTheSameMessageAfterACrash) {
    add_lead();
    // Begun by a server that is no more.
    ASSERT_TRUE(change(lease({consumer_, version_, {}, new_uuid(), system_clock().now()},
                             system_clock().now() + milliseconds{300}, 1)));
    add_lead();
    FakeSink sink;
    run_until(sink, 2);
    EXPECT_THAT(sink.bodies(), ElementsAre("insert 1", "insert 2"));
}

TEST_P(ConsumerConformance, GivesUpAMessageAndGoesOn) {
    add_lead();
    FakeSink sink;
    sink.answer = [&](std::size_t attempt) {
        if (attempt == 3) add_lead();
        if (attempt > 3) return Outcome{};
        return Outcome{Outcome::Kind::failed, "it is asleep"};
    };
    run_until(sink, 4);
    EXPECT_THAT(sink.bodies(), ElementsAre("insert 1", "insert 1", "insert 1", "insert 2"));
    EXPECT_EQ(counts_.buried, 1U);
    const auto letters = database_.run(letters_of(consumer_), scope_).value();
    ASSERT_EQ(letters.rows.row_count(), 1U);
    const auto id = std::get<Uuid>(letters.rows.value(0, "id"));
    const auto letter = wait_for(find_letter(database_.engine(), consumer_, id, scope_,
                                             engine::testing::no_deadline))
                            .value();
    ASSERT_TRUE(letter);
    EXPECT_EQ(letter->message, "insert 1");
    EXPECT_EQ(letter->message_id, sink.sent[0].id);
    EXPECT_EQ(letter->attempts, 3);
    const auto none = wait_for(
        find_letter(database_.engine(), new_uuid(), id, scope_, engine::testing::no_deadline));
    EXPECT_FALSE(none.value()) << "it is another consumer's";
}

TEST_P(ConsumerConformance, KeepsTheMessageOnceThereAreTooManyDeadLetters) {
    for (std::size_t i = 0; i < limits::dead_letters_max; ++i)
        ASSERT_TRUE(change(bury(consumer_, {"msg", "body", 3, "why"})));
    add_lead();
    FakeSink sink;
    sink.answer = [](std::size_t attempt) {
        return attempt < 6 ? Outcome{Outcome::Kind::failed, "it is asleep"} : Outcome{};
    };
    run_until(sink, 6);
    EXPECT_THAT(sink.bodies(), Each("insert 1"));
    EXPECT_EQ(counts_.buried, 0U);
    EXPECT_EQ(progress().position.seq, 1);
}

TEST_P(ConsumerConformance, LeavesOutWhatNobodyWants) {
    add_lead();
    add_lead();
    FakeSink sink;
    sink.wanted = [](const feed::Change& change) { return change.seq == 2; };
    run_until(sink, 1);
    EXPECT_THAT(sink.bodies(), ElementsAre("insert 2"));
    EXPECT_EQ(progress().position.seq, 2);
}

TEST_P(ConsumerConformance, NotesNowAndThenHowFarItHasComeWithoutDelivering) {
    options_.unsaved_max = 2;
    for (int i = 0; i < 4; ++i) add_lead();
    FakeSink sink;
    sink.wanted = [](const feed::Change&) { return false; };
    run_until(sink, [&] { return progress().position.seq == 4; }, holder_);
    EXPECT_THAT(sink.bodies(), IsEmpty());
}

TEST_P(ConsumerConformance, TellsOfAGap) {
    for (int i = 0; i < 3; ++i) add_lead();
    const auto& changes = schema::lead_catalog().relation("changes");
    database_
        .run(query::Delete{.relation = &changes,
                           .filter = query::equals(changes.column("seq"), std::int64_t{1})},
             scope_)
        .value();
    FakeSink sink;
    sink.answer = [&](std::size_t attempt) {
        if (attempt == 1) add_lead();
        return Outcome{};
    };
    run_until(sink, 2);
    EXPECT_THAT(sink.bodies(), ElementsAre("resync", "insert 4"));
}

TEST_P(ConsumerConformance, StopsForAReceiverThatWantsNothingMore) {
    add_lead();
    FakeSink sink;
    sink.answer = [](std::size_t) { return Outcome{Outcome::Kind::refused, "it is gone"}; };
    EXPECT_EQ(run_until(sink, 2), DurableConsumer::End::refused);
    EXPECT_THAT(sink.sent, SizeIs(1));
    EXPECT_EQ(progress().last_error, "it is gone");
}

TEST_P(ConsumerConformance, IsOverOnceItsRowOrItsTenantIs) {
    FakeSink sink;
    const auto& kept = schema::lead_catalog().relation("feed_consumers");
    database_.control().set_tenant_status(scope_.tenant(), auth::TenantStatus::suspended).value();
    EXPECT_EQ(run_until(sink, 1), DurableConsumer::End::unavailable);
    database_.control().set_tenant_status(scope_.tenant(), auth::TenantStatus::active).value();
    database_.run(query::Delete{.relation = &kept}, scope_).value();
    EXPECT_EQ(run_until(sink, 1), DurableConsumer::End::gone);
}

TEST_P(ConsumerConformance, IsWokenByAChangeThatAnotherServerMade) {
    FakeSink sink;
    sink.answer = [&](std::size_t) {
        EXPECT_TRUE(change(restart(consumer_, new_uuid(), std::nullopt)));
        add_lead();
        return Outcome{};
    };
    add_lead();
    EXPECT_EQ(run_until(sink, 3), DurableConsumer::End::woken);
    EXPECT_THAT(sink.bodies(), ElementsAre("insert 1")) << "nothing more to whom it was for";
}

TEST_P(ConsumerConformance, OfTwoServersOneSends) {
    std::vector<std::string> sent;
    std::mutex mutex;
    struct Shared final : Sink {
        Shared(std::vector<std::string>& all, std::mutex& of_all) : to{all}, guard{of_all} {}
        bool wants(const feed::Change&) const override { return true; }
        std::string encode(const Message& message) const override { return message.id; }
        boost::asio::awaitable<Outcome> deliver(std::string id, std::string) override {
            const std::lock_guard lock{guard};
            to.push_back(std::move(id));
            co_return Outcome{};
        }
        std::vector<std::string>& to;
        std::mutex& guard;
    };
    constexpr int changes = 30;
    const auto delivered = [&] {
        const std::lock_guard lock{mutex};
        return !sent.empty() && sent.back().ends_with(fmt::format("-{}", changes));
    };
    std::vector<std::jthread> servers;
    for (int i = 0; i < 2; ++i) {
        servers.emplace_back([&] {
            Shared sink{sent, mutex};
            run_until(sink, delivered, new_uuid());
        });
    }
    for (int i = 0; i < changes; ++i) add_lead();
    servers.clear();
    // Each begins where the one before it ended.
    std::int64_t next = 1;
    for (const auto& id : sent) {
        const auto range = id.substr(id.rfind('_') + 1);
        EXPECT_THAT(range, StartsWith(fmt::format("{}-", next)));
        next = std::stoll(range.substr(range.find('-') + 1)) + 1;
    }
    EXPECT_EQ(next, changes + 1);
}

TEST_P(ConsumerConformance, ChangesOfProgressTakeTheirTurn) {
    const auto now = system_clock().now();
    const Turn mine{consumer_, version_, {}, holder_, now};
    const Turn other{consumer_, version_, {}, new_uuid(), now};
    EXPECT_TRUE(change(lease(mine, now + std::chrono::minutes{1}, 1)));
    EXPECT_FALSE(change(lease(other, now + std::chrono::minutes{1}, 1)));
    EXPECT_TRUE(change(consumers::delivered(mine, {"0123456789abcdef", 1}, std::nullopt)));
    EXPECT_FALSE(change(consumers::delivered(mine, {"0123456789abcdef", 1}, std::nullopt)))
        << "it is somewhere else by now";
    EXPECT_FALSE(change(restart(new_uuid(), version_, std::nullopt)));
    EXPECT_TRUE(change(restart(consumer_, new_uuid(), feed::Position{})));
    EXPECT_EQ(progress().position, feed::Position{});
    EXPECT_FALSE(change(lease(mine, now + std::chrono::minutes{1}, 1))) << "it serves another now";
}

}  // namespace
}  // namespace tenantry::consumers
