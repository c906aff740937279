#include "cpu_time.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <ctime>
#include <stdexcept>

namespace tenantry::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto busy = 30ms;

// A child that has used some processor time and waits to be killed, or ends by itself.
pid_t busy_child(bool ends) {
    int told[2];
    EXPECT_EQ(::pipe(told), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        timespec used{};
        do {
            ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
        } while (std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec} <
                 2 * busy);
        if (::write(told[1], "x", 1) == 1 && !ends) ::pause();
        ::_exit(0);
    }
    char byte = 0;
    EXPECT_EQ(::read(told[0], &byte, 1), 1);
    ::close(told[0]);
    ::close(told[1]);
    return child;
}

TEST(CpuTime, OfAFamilyHasThatOfChildrenWhetherTheyLiveOrNot) {
    const auto before = cpu_of_family(::getpid());
    const auto living = busy_child(false);
    const auto ended = busy_child(true);
    EXPECT_EQ(::waitpid(ended, nullptr, 0), ended);
    EXPECT_GE(cpu_of_family(::getpid()) - before, 2 * busy);
    EXPECT_GE(cpu_of(living), busy);
    ::kill(living, SIGKILL);
    EXPECT_EQ(::waitpid(living, nullptr, 0), living);
    EXPECT_THROW(cpu_of(living), std::runtime_error);
}

TEST(CpuTime, OfTheMachineHasThatOfEveryProcess) {
    const auto before = cpu_of_machine();
    const auto child = busy_child(true);
    EXPECT_EQ(::waitpid(child, nullptr, 0), child);
    EXPECT_GE(cpu_of_machine() - before, busy);
}

}  // namespace
}  // namespace tenantry::bench
