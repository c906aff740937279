#include "cli/remove_on_signal.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

namespace tenantry::cli {
namespace {

class RemoveOnSignals : public testing::Test {
protected:
    void SetUp() override {
        path_ = testing::TempDir() + "tenantry-signal-" + std::to_string(::getpid());
        std::ofstream{path_} << "half-made";
    }
    void TearDown() override { std::filesystem::remove(path_); }

    /// How a child ends that runs `body`.
    template <class Body>
    static int status_of_child(Body body) {
        const pid_t pid = ::fork();
        if (pid == 0) {
            body();
            ::_exit(0);
        }
        int status = 0;
        ::waitpid(pid, &status, 0);
        return status;
    }

    std::filesystem::path path_;
};

TEST_F(RemoveOnSignals, TheFileGoesAndTheProcessEndsAsItWould) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        std::ofstream{path_} << "half-made";
        const int status = status_of_child([&] {
            const RemoveOnSignal guard{path_};
            ::raise(signal);
        });
        ASSERT_TRUE(WIFSIGNALED(status));
        EXPECT_EQ(WTERMSIG(status), signal);
        EXPECT_FALSE(std::filesystem::exists(path_));
    }
}

TEST_F(RemoveOnSignals, TheFileStaysOnceTheGuardIsGone) {
    const int status = status_of_child([&] {
        {
            const RemoveOnSignal guard{path_};
        }
        ::raise(SIGTERM);
    });
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(RemoveOnSignals, WhatIsIgnoredStaysIgnored) {
    const int status = status_of_child([&] {
        ::signal(SIGHUP, SIG_IGN);
        const RemoveOnSignal guard{path_};
        ::raise(SIGHUP);
    });
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_TRUE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace tenantry::cli
