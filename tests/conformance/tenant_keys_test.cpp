#include "auth/key_ring.hpp"
#include "engine/any_database.hpp"

#include <gmock/gmock.h>

#include <set>
#include <thread>

namespace tenantry::engine {
namespace {

using auth::DataKey;
using auth::KeyRing;
using auth::MasterKey;
using auth::TenantKeys;
using auth::WrappedKey;

TenantId id(std::string_view text) { return TenantId::parse(text).value(); }

/// All master keys that there ever were; without a wish, the first.
class Keychain final : public auth::MasterKeySource {
public:
    explicit Keychain(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) keys_.push_back(MasterKey::random());
    }
    Result<MasterKey> load(std::optional<auth::KeyId> wanted) override {
        for (const auto& key : keys_) {
            if (!wanted || key.id() == *wanted) return key.copy();
        }
        return fail(Errc::bad_configuration, "no such key");
    }
    const MasterKey& operator[](std::size_t i) const { return keys_[i]; }

private:
    std::vector<MasterKey> keys_;
};

class TenantKeysTest : public ::testing::TestWithParam<testing::EngineKind> {
protected:
    TenantKeysTest() {
        for (const auto* tenant : {"acme", "birch"})
            database_.control().create_tenant(id(tenant), tenant).value();
    }
    std::unique_ptr<TenantKeys> open() { return database_.tenant_keys(); }
    WrappedKey wrapped(std::string_view tenant) const {
        return WrappedKey::wrap(DataKey::random(), master_, id(tenant));
    }

    engine::testing::AnyDatabase database_{GetParam()};
    MasterKey master_ = MasterKey::random();
    std::unique_ptr<TenantKeys> keys_ = open();
};

TEST_P(TenantKeysTest, KeepTheFirstKeyOfEachTenant) {
    EXPECT_EQ(keys_->find(id("acme")).value(), std::nullopt);
    EXPECT_EQ(keys_->master().value(), std::nullopt);

    const auto first = wrapped("acme");
    EXPECT_EQ(keys_->keep(id("acme"), first).value(), first.text());
    EXPECT_EQ(keys_->keep(id("acme"), wrapped("acme")).value(), first.text());
    EXPECT_EQ(keys_->find(id("acme")).value(), first.text());
    EXPECT_EQ(keys_->find(id("birch")).value(), std::nullopt);
    EXPECT_EQ(keys_->master().value(), master_.id());
    EXPECT_EQ(open()->find(id("acme")).value(), first.text());
}

TEST_P(TenantKeysTest, KeepNoneForTenantsThatAreGoneOrGoing) {
    EXPECT_EQ(keys_->keep(id("nobody"), wrapped("nobody")).error().code, Errc::tenant_unavailable);
    EXPECT_EQ(keys_->master().value(), std::nullopt) << "nothing is left of the attempt";

    database_.control().set_tenant_status(id("acme"), auth::TenantStatus::suspended).value();
    EXPECT_TRUE(keys_->keep(id("acme"), wrapped("acme"))) << "requests that have begun may finish";
    database_.control().set_tenant_status(id("birch"), auth::TenantStatus::deleting).value();
    EXPECT_EQ(keys_->keep(id("birch"), wrapped("birch")).error().code, Errc::tenant_unavailable);
}

TEST_P(TenantKeysTest, AreOutOfReachWhenADeletionBegins) {
    keys_->keep(id("acme"), wrapped("acme")).value();
    keys_->keep(id("birch"), wrapped("birch")).value();
    database_.control().set_tenant_status(id("acme"), auth::TenantStatus::suspended).value();
    EXPECT_NE(keys_->find(id("acme")).value(), std::nullopt);
    database_.control().set_tenant_status(id("acme"), auth::TenantStatus::deleting).value();
    EXPECT_EQ(keys_->find(id("acme")).value(), std::nullopt);
    EXPECT_NE(keys_->find(id("birch")).value(), std::nullopt);
    database_.control().forget_tenant(id("acme")).value();
    EXPECT_EQ(keys_->find(id("acme")).value(), std::nullopt);
}

TEST_P(TenantKeysTest, AreAllUnderOneMasterKey) {
    keys_->keep(id("acme"), wrapped("acme")).value();
    const auto other = WrappedKey::wrap(DataKey::random(), MasterKey::random(), id("birch"));
    EXPECT_EQ(keys_->keep(id("birch"), other).error().code, Errc::conflict);
    EXPECT_EQ(keys_->find(id("birch")).value(), std::nullopt);
}

TEST_P(TenantKeysTest, ChangeTogetherOrNotAtAll) {
    keys_->keep(id("acme"), wrapped("acme")).value();
    const auto before = keys_->find(id("acme")).value();
    const auto other = MasterKey::random();
    const auto replace = [&](TenantKeys::Change& change) {
        change.replace(id("acme"), WrappedKey::wrap(DataKey::random(), other, id("acme")));
        change.set_master(other.id());
    };
    EXPECT_EQ(keys_
                  ->change([&](TenantKeys::Change& change) -> Result<void> {
                      replace(change);
                      return fail(Errc::conflict, "enough");
                  })
                  .error()
                  .code,
              Errc::conflict);
    EXPECT_THROW(keys_
                     ->change([&](TenantKeys::Change& change) -> Result<void> {
                         replace(change);
                         throw std::runtime_error{"enough"};
                     })
                     .value(),
                 std::runtime_error);
    EXPECT_EQ(keys_->find(id("acme")).value(), before);
    EXPECT_EQ(keys_->master().value(), master_.id());

    ASSERT_TRUE(keys_->change([&](TenantKeys::Change& change) -> Result<void> {
        EXPECT_EQ(change.master(), master_.id());
        EXPECT_EQ(change.all().size(), 1U);
        replace(change);
        return {};
    }));
    EXPECT_NE(keys_->find(id("acme")).value(), before);
    EXPECT_EQ(keys_->master().value(), other.id());
}

TEST_P(TenantKeysTest, CanAllBeDestroyed) {
    keys_->keep(id("acme"), wrapped("acme")).value();
    ASSERT_TRUE(keys_->change([](TenantKeys::Change& change) -> Result<void> {
        change.destroy_all();
        return {};
    }));
    EXPECT_EQ(keys_->find(id("acme")).value(), std::nullopt);
    EXPECT_EQ(keys_->master().value(), std::nullopt);
}

TEST_P(TenantKeysTest, ProcessesThatMakeAKeyAtOnceEndUpWithTheSame) {
    std::vector<std::unique_ptr<TenantKeys>> processes;
    for (int i = 0; i < 6; ++i) processes.push_back(open());
    std::vector<std::string> kept(processes.size());
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < processes.size(); ++i) {
            threads.emplace_back([this, &mine = *processes[i], &into = kept[i]] {
                into = mine.keep(id("acme"), wrapped("acme")).value();
            });
        }
    }
    EXPECT_EQ(std::set<std::string>(kept.begin(), kept.end()).size(), 1U);
}

TEST_P(TenantKeysTest, SealsGoOnWhileAnotherProcessRotates) {
    constexpr std::size_t rotations = 10;
    Keychain masters{rotations + 1};
    const std::vector<TenantScope> scopes{database_.scope("acme"), database_.scope("birch")};
    KeyRing ring{*keys_, masters};
    {
        std::vector<std::jthread> threads;
        for (const auto& mine : scopes) {
            threads.emplace_back([&ring, &mine] {
                for (int i = 0; i < 200; ++i) {
                    const auto text = std::to_string(i);
                    auto sealed = ring.seal(mine, text, text);
                    // A first key that several rotations in a row overtake; there are only so many.
                    while (!sealed && sealed.error().code == Errc::storage_busy)
                        sealed = ring.seal(mine, text, text);
                    ASSERT_TRUE(sealed) << sealed.error().message;
                    ASSERT_EQ(ring.unseal(mine, text, *sealed).value(), text);
                }
            });
        }
        const auto operators = open();
        for (std::size_t i = 0; i < rotations; ++i) {
            const auto done = operators->change([&](TenantKeys::Change& change) -> Result<void> {
                TENANTRY_TRY_VOID(auth::rewrap(change, masters[i], masters[i + 1]));
                return {};
            });
            ASSERT_TRUE(done) << done.error().message;
        }
    }
    EXPECT_EQ(keys_->master().value(), masters[rotations].id());
    for (const auto& scope : scopes) {
        const auto stored = keys_->find(scope.tenant()).value();
        EXPECT_EQ(WrappedKey::parse(*stored).value().master(), masters[rotations].id());
    }
}

TEST_P(TenantKeysTest, ARunningRingReadsNothingOfATenantThatIsBeingDeleted) {
    Keychain masters{1};
    KeyRing ring{*keys_, masters};
    const auto scope = database_.scope("acme");  // held by a request that began before
    const auto sealed = ring.seal(scope, "here", "a secret").value();
    database_.control().set_tenant_status(id("acme"), auth::TenantStatus::deleting).value();
    EXPECT_EQ(ring.unseal(scope, "here", sealed).error().code, Errc::storage_unusable);
    EXPECT_EQ(ring.seal(scope, "here", "more").error().code, Errc::tenant_unavailable);
    database_.control().forget_tenant(id("acme")).value();
    const auto again = database_.scope("acme");
    ring.seal(again, "here", "new").value();
    EXPECT_EQ(ring.unseal(again, "here", sealed).error().code, Errc::bad_value);
}

INSTANTIATE_TEST_SUITE_P(Engines, TenantKeysTest, ::testing::ValuesIn(testing::all_engines),
                         [](const auto& of) { return testing::name_of(of.param); });

}  // namespace
}  // namespace tenantry::engine
