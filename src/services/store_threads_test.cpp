#include "services/store_threads.hpp"

#include <gmock/gmock.h>

#include <future>
#include <memory>
#include <stdexcept>
#include <string>

namespace tenantry::services {
namespace {

struct Nothing {};
using Threads = StoreThreads<Nothing>;

Result<Threads::Handle> open_one() { return std::make_unique<Nothing>(); }

/// What `lost` is told of work that nobody waits for.
template <class Work>
std::string told_of(Threads::Open open, Work work) {
    std::promise<std::string> told;
    Threads threads{std::move(open), 1, 1};
    EXPECT_TRUE(threads.post(std::move(work),
                             [&](std::string_view why) { told.set_value(std::string{why}); }));
    return told.get_future().get();
}

TEST(StoreThreads, WorkThatNobodyWaitsForIsNotLostInSilence) {
    const auto fine = [](Nothing&) -> Result<void> { return {}; };
    const auto failing = [](Nothing&) -> Result<void> { return fail(Errc::conflict, "no room"); };
    const auto throwing = [](Nothing&) -> Result<void> { throw std::runtime_error{"broken"}; };
    const auto closed = []() -> Result<Threads::Handle> {
        return fail(Errc::storage_unusable, "cannot be opened");
    };
    EXPECT_EQ(told_of(closed, fine), "cannot be opened");
    EXPECT_EQ(told_of(open_one, failing), "no room");
    EXPECT_EQ(told_of(open_one, throwing), "broken");
}

TEST(StoreThreads, AnUnendedCallTakesItsPlace) {
    std::promise<void> go;
    Threads threads{open_one, 1, 1};
    const auto slow = [&](Nothing&) -> Result<void> {
        go.get_future().wait();
        return {};
    };
    const auto lost = [](std::string_view) {};
    EXPECT_TRUE(threads.post(slow, lost));
    const auto second = threads.post(slow, lost);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::overloaded);
    go.set_value();
}

}  // namespace
}  // namespace tenantry::services
