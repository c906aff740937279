#include "http/spool.hpp"

#include "http/transfers.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace tenantry::http {
namespace {

std::filesystem::path folder() { return std::filesystem::temp_directory_path(); }

std::string contents(const Spool& spool) {
    std::string text(spool.size() + 10, '?');
    text.resize(spool.read_at(0, text));
    return text;
}

TEST(Spool, HoldsWhatWasStored) {
    const auto spool = Spool::open(folder()).value();
    spool->append("first,");
    EXPECT_EQ(spool->size(), 0U);
    spool->store().value();
    spool->append("second");
    spool->store().value();
    spool->store().value();
    EXPECT_EQ(contents(*spool), "first,second");
    std::string part(3, '?');
    EXPECT_EQ(spool->read_at(6, part), 3U);
    EXPECT_EQ(part, "sec");
    EXPECT_EQ(spool->read_at(100, part), 0U);
}

TEST(Spool, WantsToStoreLargePiecesOnly) {
    const auto spool = Spool::open(folder()).value();
    EXPECT_FALSE(spool->wants_to_store());
    spool->append(std::string(256UL * 1024 - 1, 'x'));
    EXPECT_FALSE(spool->wants_to_store());
    spool->append("x");
    EXPECT_TRUE(spool->wants_to_store());
    spool->store().value();
    EXPECT_FALSE(spool->wants_to_store());
    EXPECT_EQ(spool->size(), 256UL * 1024);
}

TEST(Spool, FolderThatIsNoneIsAFault) {
    EXPECT_THROW((void)Spool::open("/dev/null/nowhere"), std::system_error);
}

/// Never used: places are given out without a database.
class NoExecutor final : public engine::Executor {
public:
    boost::asio::awaitable<Result<query::Reply>> run(query::ScopedPlan, engine::Deadline) override {
        throw std::logic_error{"not used here"};
        co_return query::Reply{};
    }
    boost::asio::awaitable<Result<std::vector<query::Reply>>> read_all(
        std::vector<query::ScopedPlan>, engine::Deadline) override {
        throw std::logic_error{"not used here"};
        co_return std::vector<query::Reply>{};
    }
    boost::asio::awaitable<Result<std::vector<query::Reply>>> run_all(
        std::vector<query::ScopedPlan>, engine::Deadline) override {
        throw std::logic_error{"not used here"};
        co_return std::vector<query::Reply>{};
    }
};

TEST(Transfers, PlacesAreLimitedByTenantAndTogether) {
    NoExecutor executor;
    Transfers transfers{executor, {.folder = folder(), .spools_max = 3, .spools_each_max = 2}};
    const auto acme = TenantId::parse("acme").value();
    const auto birch = TenantId::parse("birch").value();
    auto first = transfers.open_spool(acme).value();
    auto second = transfers.open_spool(acme).value();
    EXPECT_EQ(transfers.open_spool(acme).error().message,
              "2 imports of this tenant are under way; wait for one of them");
    auto third = transfers.open_spool(birch).value();
    EXPECT_EQ(transfers.open_spool(birch).error().code, Errc::overloaded);
    first.reset();
    EXPECT_TRUE(transfers.open_spool(acme));
    second.reset();
    third.reset();
    EXPECT_TRUE(transfers.open_spool(birch));
}

TEST(Transfers, PlaceIsGivenBackWhereNoFileCanBeMade) {
    NoExecutor executor;
    Transfers transfers{executor, {.folder = "/dev/null/nowhere", .spools_max = 1}};
    const auto acme = TenantId::parse("acme").value();
    EXPECT_THROW((void)transfers.open_spool(acme), std::system_error);
    EXPECT_THROW((void)transfers.open_spool(acme), std::system_error);
}

}  // namespace
}  // namespace tenantry::http
