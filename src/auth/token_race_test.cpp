// Run under ThreadSanitizer as well: one verifier, many threads, cached and uncached tokens, keys
// that come and go.

#include "auth/token.hpp"
#include "test_tokens.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

namespace tenantry::auth {
namespace {

using test_tokens::at_second;
using test_tokens::hand_signed;
using test_tokens::make_secret;
using test_tokens::plain_header;

std::string token_of(int subject, int expires_at) {
    return hand_signed(plain_header, R"({"sub":"user )" + std::to_string(subject) + R"(","exp":)" +
                                         std::to_string(expires_at) + "}");
}

TEST(TokenRace, ThreadsGetTheClaimsOfTheirOwnToken) {
    constexpr int thread_count = 4;
    constexpr int token_count = 64;
    constexpr int rounds = 20;
    const TokenVerifier verifier{make_secret()};
    std::vector<std::string> tokens;
    tokens.reserve(token_count);
    // Half of them expire in the middle of the rounds, so that entries come and go.
    for (int i = 0; i < token_count; ++i)
        tokens.push_back(token_of(i, i % 2 == 0 ? 1000 : rounds / 2));

    std::atomic<int> wrong = 0;
    std::latch start{thread_count};
    const auto verify_all = [&](int thread) {
        start.arrive_and_wait();
        for (int round = 0; round < rounds; ++round) {
            for (int i = 0; i < token_count; ++i) {
                const int chosen = (i + thread * 7) % token_count;
                const auto claims =
                    verifier.verify(tokens[static_cast<std::size_t>(chosen)], at_second(round));
                const bool holds = chosen % 2 == 0 || round < rounds / 2;
                const bool right =
                    holds ? claims && (*claims)->subject == "user " + std::to_string(chosen)
                          : claims.has_error() && claims.error().code == Errc::token_expired;
                if (!right) ++wrong;
            }
            Claims mine{
                .subject = "issued", .tenant = {}, .role = "viewer", .expires_at = at_second(1000)};
            mine.subject += std::to_string(thread * rounds + round);
            const auto issued =
                verifier.verify(verifier.issue(mine, at_second(0)), at_second(round));
            if (!issued || **issued != mine) ++wrong;
        }
    };
    {
        std::vector<std::jthread> threads;
        threads.reserve(thread_count);
        for (int i = 0; i < thread_count; ++i) threads.emplace_back(verify_all, i);
    }
    EXPECT_EQ(wrong, 0);
}

TEST(TokenRace, TokensHoldWhileTheirKeyIsTrustedAndNoLonger) {
    constexpr int thread_count = 3;
    constexpr int rounds = 60;
    TokenVerifier verifier{make_secret()};
    const auto kept = SigningKeyPair::make();
    const auto changing = SigningKeyPair::make();
    const auto with = KeySet::make({{.key = kept.public_key()}, {.key = changing.public_key()}});
    const auto without = KeySet::make({{.key = kept.public_key()}});
    verifier.trust(with.value());
    const auto lasting = kept.sign(R"({"sub":"lasting","exp":1000})");
    const auto passing = changing.sign(R"({"sub":"passing","exp":1000})");

    std::atomic<int> wrong = 0;
    std::atomic<bool> done = false;
    std::latch start{thread_count + 1};
    const auto verify_both = [&] {
        start.arrive_and_wait();
        do {
            const auto first = verifier.verify(lasting, at_second(1));
            if (!first || (*first)->subject != "lasting") ++wrong;
            const auto second = verifier.verify(passing, at_second(1));
            if (second ? (*second)->subject != "passing"
                       : second.error().code != Errc::token_invalid) {
                ++wrong;
            }
        } while (!done);
    };
    {
        std::vector<std::jthread> threads;
        threads.reserve(thread_count);
        for (int i = 0; i < thread_count; ++i) threads.emplace_back(verify_both);
        start.arrive_and_wait();
        for (int round = 0; round < rounds; ++round) {
            verifier.trust(without.value());
            if (verifier.verify(passing, at_second(1))) ++wrong;  // at once, whoever remembers it
            verifier.trust(with.value());
            if (!verifier.verify(passing, at_second(1))) ++wrong;
        }
        done = true;
    }
    EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace tenantry::auth
