#include "services/removals.hpp"

#include "engine/sqlite/stores.hpp"
#include "marked_rows.hpp"
#include "schema/lead_schema.hpp"
#include "services/api_keys.hpp"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <future>
#include <latch>

namespace tenantry::services {
namespace {

using engine::testing::no_deadline;
using engine::testing::wait_for;

constexpr engine::Deadline over{};

class RemovalsTest : public ::testing::Test {
protected:
    RemovalsTest() {
        testing::MarkedRows{database_, database_.scope("acme"), "amark"}.add(3);
        testing::MarkedRows{database_, database_.scope("birch"), "bmark"}.add(2);
        const auto key = issue_key(database_.control(), {.owner = {}, .name = "tests"}).value();
        scope_.emplace(issuer_.for_operator(key.key.text(), system_clock().now()).value());
        start();
    }

    void start() {
        removals_.emplace(
            database_.engine(), issuer_,
            [this]() -> Result<std::unique_ptr<engine::TenureStore>> {
                if (gate_ != nullptr) gate_->wait();
                if (broken_) return fail(Errc::storage_unusable, "broken");
                return engine::sqlite::open_tenure_store(database_.path());
            },
            [] { return std::make_shared<const schema::Catalog>(schema::lead_catalog()); },
            [this](const TenantId& tenant, std::string_view why) {
                if (!told_.exchange(true))
                    failed_.set_value(tenant.text() + ": " + std::string{why});
            });
    }
    static TenantId id(std::string_view text) { return TenantId::parse(text).value(); }
    Result<RemovalProgress> remove(std::string_view tenant,
                                   engine::Deadline deadline = no_deadline) {
        return wait_for(removals_->remove(*scope_, id(tenant), deadline));
    }
    /// What `remove` gives when `meanwhile` has happened while it waits.
    Result<RemovalProgress> remove_while(std::string_view tenant,
                                         const std::function<void()>& meanwhile) {
        boost::asio::io_context context;
        std::optional<Result<RemovalProgress>> progress;
        boost::asio::co_spawn(context, removals_->remove(*scope_, id(tenant), no_deadline),
                              [&](const std::exception_ptr&, Result<RemovalProgress> made) {
                                  progress.emplace(std::move(made));
                              });
        context.poll();
        meanwhile();
        context.run();
        return *progress;
    }

    engine::testing::TestDatabase database_;
    auth::ScopeIssuer issuer_ = database_.issuer();
    std::optional<auth::OperatorScope> scope_;
    std::latch* gate_ = nullptr;  // before a deletion begins
    std::atomic<bool> broken_ = false;
    std::atomic<bool> told_ = false;
    std::promise<std::string> failed_;  // the first one
    std::optional<Removals> removals_;
};

TEST_F(RemovalsTest, GiveTheReceiptWhenTheTenantIsGone) {
    const auto progress = remove("acme").value();
    ASSERT_TRUE(progress.receipt);
    EXPECT_EQ(progress.receipt->number, progress.number);
    EXPECT_EQ(progress.receipt->rows.at("leads"), 3);
    EXPECT_EQ(database_.control().tenant(id("acme")).error().code, Errc::not_found);
    const auto entry = database_.control().receipt(progress.number).value();
    EXPECT_EQ(entry.actor, scope_->principal());
    EXPECT_NE(entry.detail.find("\"leads\":3"), std::string::npos);
    EXPECT_TRUE(database_.control().tenant(id("birch")));
    EXPECT_EQ(remove("acme").error().code, Errc::not_found);
    EXPECT_EQ(database_.control().receipt("another").error().code, Errc::not_found);
}

TEST_F(RemovalsTest, GoOnWhenNobodyWaitsAndCanBeJoined) {
    std::latch gate{1};
    gate_ = &gate;
    EXPECT_EQ(remove("acme", over).error().code, Errc::deadline_exceeded);
    const auto joined = remove_while("acme", [&] { gate.count_down(); }).value();
    ASSERT_TRUE(joined.receipt);
    EXPECT_EQ(joined.receipt->rows.at("leads"), 3);
}

TEST_F(RemovalsTest, StopBetweenStepsAndGoOnUnderTheSameNumber) {
    std::latch gate{1};
    gate_ = &gate;
    const auto stopped = remove_while("acme", [&] {
        removals_->stop();
        gate.count_down();
    });
    EXPECT_EQ(stopped.error().code, Errc::shutting_down);
    EXPECT_EQ(remove("acme").error().code, Errc::shutting_down) << "nothing begins any more";
    const auto number = engine::sqlite::open_tenure_store(database_.path())
                            .value()
                            ->begin_removal(id("acme"), "test")
                            .value()
                            .receipt;
    gate_ = nullptr;
    start();
    const auto progress = remove("acme").value();
    EXPECT_EQ(progress.number, number);
    EXPECT_EQ(progress.receipt->rows.at("leads"), 3) << "counted at the beginning";
}

TEST_F(RemovalsTest, TellWhyTheyFailedIfNobodyWaits) {
    std::latch gate{1};
    gate_ = &gate;
    broken_ = true;
    EXPECT_EQ(remove("acme", over).error().code, Errc::deadline_exceeded);
    gate.count_down();
    EXPECT_EQ(failed_.get_future().get(), "acme: broken");
    EXPECT_EQ(remove("birch").error().message, "broken") << "whoever waits is told";
}

TEST_F(RemovalsTest, AreNotMoreThanSomeAtATime) {
    std::latch gate{1};
    gate_ = &gate;
    for (std::size_t i = 0; i < Removals::under_way_max; ++i)
        EXPECT_EQ(remove("t" + std::to_string(i), over).error().code, Errc::deadline_exceeded);
    EXPECT_EQ(remove("acme", over).error().code, Errc::overloaded);
    EXPECT_EQ(remove("t0", over).error().code, Errc::deadline_exceeded) << "that one is joined";
    gate.count_down();
    removals_.reset();
}

TEST_F(RemovalsTest, AreTakenUpByTheNextServer) {
    const auto store = engine::sqlite::open_tenure_store(database_.path()).value();
    const auto number = store->begin_removal(id("acme"), scope_->principal()).value().receipt;
    store->begin_removal(id("birch"), "cli:root").value();
    store->begin_import(id("copy"), "Copy").value();
    EXPECT_EQ(removals_->resume().value(), 1U);
    // It may have ended by now.
    if (const auto progress = remove("acme")) {
        EXPECT_EQ(progress->number, number);
    }
    EXPECT_EQ(database_.control().receipt(number).value().actor, scope_->principal());
    for (const auto* kept : {"birch", "copy"})
        EXPECT_TRUE(database_.control().tenant(id(kept))) << kept;
    EXPECT_EQ(removals_->resume().value(), 0U);
}

}  // namespace
}  // namespace tenantry::services
