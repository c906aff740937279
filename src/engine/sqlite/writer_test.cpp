/// Races between requests that are committed in groups; built with ThreadSanitizer as well.

#include "engine/test_database.hpp"
#include "sqlite/handles.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace tenantry::engine::sqlite {
namespace {

const schema::Relation& leads() { return schema::lead_catalog().relation("leads"); }

query::Insert lead(std::string email) {
    return {.relation = &leads(),
            .columns = {&leads().column("first_name"), &leads().column("email")},
            .rows = {{schema::Text{"x"}, schema::Text{std::move(email)}}}};
}

TEST(WriterTest, ConcurrentWritersOfTwoTenantsLoseAndMixNothing) {
    testing::TestDatabase database;
    const std::vector<TenantScope> scopes{database.scope("tenant-a"), database.scope("tenant-b")};
    constexpr int threads = 8;
    constexpr int each = 40;
    std::atomic<int> refused = 0;
    std::vector<std::thread> writers;
    for (int t = 0; t < threads; ++t) {
        writers.emplace_back([&, t] {
            for (int i = 0; i < each; ++i) {
                // Every fourth address is wanted by all threads of a tenant: one of them gets it.
                const auto email = i % 4 == 0 ? fmt::format("shared{}@example.com", i)
                                              : fmt::format("own{}.{}@example.com", t, i);
                const auto reply =
                    database.run(lead(email), scopes[static_cast<std::size_t>(t % 2)]);
                if (!reply) {
                    EXPECT_EQ(reply.error().code, Errc::unique_violation);
                    ++refused;
                }
            }
        });
    }
    std::atomic<bool> done = false;
    std::thread reader{[&] {
        while (!done) {
            const auto page = database
                                  .run(query::Read{.relation = &leads(),
                                                   .projection = {&leads().tenant_id()},
                                                   .limit = 5},
                                       scopes[0])
                                  .value();
            for (std::size_t i = 0; i < page.rows.row_count(); ++i)
                EXPECT_EQ(page.rows.cell(i, 0).text, "tenant-a");
        }
    }};
    for (auto& writer : writers) writer.join();
    done = true;
    reader.join();
    const int shared_each = each / 4;
    const int stored_each = threads / 2 * (each - shared_each) + shared_each;
    EXPECT_EQ(refused, threads * each - 2 * stored_each);
    for (const auto& scope : scopes) {
        const auto counted = database
                                 .run(query::Read{.relation = &leads(),
                                                  .projection = {&leads().id()},
                                                  .limit = 1,
                                                  .count = true},
                                      scope)
                                 .value();
        EXPECT_EQ(counted.total, stored_each);
    }
}

TEST(WriterTest, WhoWritesLittleDoesNotWaitForAllThatAnotherHasBrought) {
    testing::TestDatabase database;
    const std::vector<TenantScope> scopes{database.scope("tenant-a"), database.scope("tenant-b")};
    boost::asio::io_context context;
    std::string order;
    const auto submit = [&](std::size_t tenant, int i) {
        auto plan = query::scope_plan(query::plan(lead(fmt::format("{}@example.com", i)),
                                                  {system_clock().now(), new_uuid})
                                          .value(),
                                      scopes[tenant])
                        .value();
        boost::asio::co_spawn(
            context, database.engine().run(std::move(plan), testing::no_deadline),
            [&order, tenant](std::exception_ptr fault, Result<query::Reply> reply) {
                EXPECT_TRUE(!fault && reply);
                order += tenant == 0 ? 'a' : 'b';
            });
        context.poll();  // up to where it waits
    };
    {
        // The writer has to wait, so all of these are in its queue when it goes on.
        const auto held = open_database(database.path().string(), SQLITE_OPEN_READWRITE, 0);
        execute(held.get(), "BEGIN IMMEDIATE");
        for (int i = 0; i < 300; ++i) submit(0, i);
        for (int i = 0; i < 2; ++i) submit(1, i);
        execute(held.get(), "ROLLBACK");
    }
    context.restart();
    context.run();
    ASSERT_EQ(order.size(), 302U);
    // The writer may have taken some of the first's before the rest was there.
    EXPECT_LT(order.rfind('b') - order.find('b'), 3U);
    EXPECT_LT(order.rfind('b'), 300U);
}

TEST(WriterTest, ClosingTheEngineFinishesWhatWasAccepted) {
    testing::TestDatabase database;
    const auto scope = database.scope("tenant-a");
    boost::asio::io_context context;
    std::atomic<int> stored = 0;
    constexpr int writes = 200;
    for (int i = 0; i < writes; ++i) {
        auto plan = query::scope_plan(query::plan(lead(fmt::format("{}@example.com", i)),
                                                  {system_clock().now(), new_uuid})
                                          .value(),
                                      scope)
                        .value();
        boost::asio::co_spawn(context, database.engine().run(std::move(plan), testing::no_deadline),
                              [&](std::exception_ptr fault, Result<query::Reply> reply) {
                                  stored += !fault && reply ? 1 : 0;
                              });
    }
    context.poll();  // all are submitted; some may be done
    database.engine().drain();
    context.restart();
    context.run();
    EXPECT_EQ(stored, writes);
    const auto counted =
        database
            .run(
                query::Read{
                    .relation = &leads(), .projection = {&leads().id()}, .limit = 1, .count = true},
                scope)
            .value();
    EXPECT_EQ(counted.total, writes);
}

}  // namespace
}  // namespace tenantry::engine::sqlite
