#include "feed/turns.hpp"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <optional>
#include <string>

namespace tenantry::feed {
namespace {

namespace asio = boost::asio;

class TurnsTest : public ::testing::Test {
protected:
    void come(char name) {
        asio::co_spawn(context_, wait(name), asio::detached);
        run();
    }
    void run() {
        context_.restart();
        context_.poll();  // who waits is work
    }
    asio::awaitable<void> wait(char name) {
        co_await turns_.wait();
        came_ += name;
    }

    Turns turns_{2};
    asio::io_context context_;
    std::string came_;
};

TEST_F(TurnsTest, AreTakenInTheirOrderSoManyAtATime) {
    for (const char name : {'a', 'b', 'c', 'd'}) come(name);
    EXPECT_EQ(came_, "ab");
    {
        const Turns::Turn a{turns_};
    }
    run();
    EXPECT_EQ(came_, "abc");
    {
        const Turns::Turn b{turns_};
    }
    {
        const Turns::Turn c{turns_};
    }
    run();
    EXPECT_EQ(came_, "abcd");
    come('e');
    EXPECT_EQ(came_, "abcde");
}

TEST_F(TurnsTest, AllMayComeInTheEnd) {
    for (const char name : {'a', 'b', 'c', 'd'}) come(name);
    turns_.stop();
    run();
    EXPECT_EQ(came_, "abcd");
    come('e');
    EXPECT_EQ(came_, "abcde");
}

}  // namespace
}  // namespace tenantry::feed
