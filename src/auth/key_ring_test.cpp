#include "auth/key_ring.hpp"

#include "auth/scope_issuer.hpp"
#include "test_tokens.hpp"

#include <gmock/gmock.h>

#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace tenantry::auth {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Keys in memory; a transaction is a lock and a copy.
class FakeKeys final : public TenantKeys {
public:
    Result<std::optional<std::string>> find(const TenantId& tenant) override {
        const std::lock_guard lock{mutex_};
        ++looked_up;
        const auto found = rows_.find(tenant.text());
        if (found == rows_.end()) return std::optional<std::string>{};
        return std::optional{found->second};
    }
    Result<std::optional<KeyId>> master() override {
        const std::lock_guard lock{mutex_};
        return master_;
    }
    Result<std::string> keep(const TenantId& tenant, const WrappedKey& wrapped) override {
        if (before_keep) std::exchange(before_keep, {})();
        const std::lock_guard lock{mutex_};
        if (master_.value_or(wrapped.master()) != wrapped.master())
            return fail(Errc::conflict, "the master key has been changed");
        master_ = wrapped.master();
        return rows_.try_emplace(tenant.text(), wrapped.text()).first->second;
    }
    Result<void> change(const std::function<Result<void>(Change&)>& work) override {
        const std::lock_guard lock{mutex_};
        Opened opened{rows_, master_};
        TENANTRY_TRY_VOID(work(opened));
        rows_ = opened.rows;
        master_ = opened.id;
        return {};
    }

    void destroy(const TenantId& tenant) {
        const std::lock_guard lock{mutex_};
        rows_.erase(tenant.text());
    }
    void put(const TenantId& tenant, std::string text) {
        const std::lock_guard lock{mutex_};
        rows_[tenant.text()] = std::move(text);
    }

    std::function<void()> before_keep;
    int looked_up = 0;

private:
    using Rows = std::map<std::string, std::string, std::less<>>;
    struct Opened final : Change {
        Opened(Rows all, std::optional<KeyId> master) : rows{std::move(all)}, id{master} {}
        std::optional<KeyId> master() override { return id; }
        std::vector<Stored> all() override {
            std::vector<Stored> stored;
            for (const auto& [tenant, wrapped] : rows)
                stored.push_back({TenantId::parse(tenant).value(), wrapped});
            return stored;
        }
        void replace(const TenantId& tenant, const WrappedKey& wrapped) override {
            rows.at(tenant.text()) = wrapped.text();
        }
        void set_master(KeyId now) override { id = now; }
        void destroy_all() override {
            rows.clear();
            id.reset();
        }
        void note(std::string_view, std::string_view, std::string_view) override {}

        Rows rows;
        std::optional<KeyId> id;
    };

    std::mutex mutex_;
    Rows rows_;
    std::optional<KeyId> master_;
};

/// Holds the last keys, as files beside one another do.
class FakeSource final : public MasterKeySource {
public:
    FakeSource() { use(MasterKey::random()); }

    Result<MasterKey> load(std::optional<KeyId> wanted) override {
        const std::lock_guard lock{mutex_};
        ++loads;
        for (auto key = keys_.rbegin(); key != keys_.rend(); ++key) {
            if (!wanted || key->id() == *wanted) return key->copy();
        }
        return fail(Errc::bad_configuration, "look at /srv/tenantry/master-key");
    }
    void use(MasterKey key) {
        const std::lock_guard lock{mutex_};
        keys_.push_back(std::move(key));
    }
    void lose_all() {
        const std::lock_guard lock{mutex_};
        keys_.clear();
    }
    MasterKey current() {
        const std::lock_guard lock{mutex_};
        return keys_.back().copy();
    }

    int loads = 0;

private:
    std::mutex mutex_;
    std::vector<MasterKey> keys_;
};

class AllActive final : public Directory {
    Standing standing(const TenantId&, std::string_view) override {
        return {.tenant = TenantStatus::active};
    }
};

class KeyRingTest : public testing::Test {
protected:
    TenantScope scope(std::string_view tenant) {
        return issuer_.for_job(TenantId::parse(tenant).value(), "test").value();
    }
    /// Wraps all by a new master key, as a rotation does.
    void rotate() {
        const auto from = source.current();
        auto to = MasterKey::random();
        source.use(to.copy());
        ASSERT_TRUE(keys.change([&](TenantKeys::Change& change) -> Result<void> {
            TENANTRY_TRY_VOID(rewrap(change, from, to));
            return {};
        }));
    }

    FakeKeys keys;
    FakeSource source;
    KeyRing ring{keys, source};

private:
    AllActive directory_;
    TokenVerifier verifier_{test_tokens::make_secret()};
    ScopeIssuer issuer_{verifier_, directory_};
};

TEST_F(KeyRingTest, SealsForOneTenantAndPlace) {
    const auto acme = scope("acme");
    const auto sealed = ring.seal(acme, "here", "a secret").value();
    EXPECT_EQ(ring.unseal(acme, "here", sealed).value(), "a secret");
    EXPECT_EQ(ring.unseal(acme, "there", sealed).error().code, Errc::bad_value);

    ring.seal(scope("birch"), "here", "another").value();
    EXPECT_EQ(ring.unseal(scope("birch"), "here", sealed).error().code, Errc::bad_value);
}

TEST_F(KeyRingTest, TenantsHaveKeysOfTheirOwn) {
    std::set<std::string> ids;
    for (const auto* tenant : {"acme", "birch", "cedar"}) {
        const auto sealed = ring.seal(scope(tenant), "here", "a secret").value();
        ids.insert(SealedText::parse(sealed).value().key().text());
    }
    EXPECT_EQ(ids.size(), 3U);
}

TEST_F(KeyRingTest, AsksForTheMasterKeyWhenItIsFirstNeeded) {
    EXPECT_EQ(source.loads, 0);
    const auto sealed = ring.seal(scope("acme"), "here", "a secret").value();
    EXPECT_EQ(source.loads, 1);
    for (int i = 0; i < 10; ++i) ring.unseal(scope("acme"), "here", sealed).value();
    EXPECT_EQ(source.loads, 1);
}

TEST_F(KeyRingTest, AnotherRingOpensWhatThisOneSealed) {
    const auto sealed = ring.seal(scope("acme"), "here", "a secret").value();
    KeyRing other{keys, source};
    EXPECT_EQ(other.unseal(scope("acme"), "here", sealed).value(), "a secret");
}

TEST_F(KeyRingTest, AllWhoMakeAKeyAtOnceGetTheSame) {
    std::vector<std::unique_ptr<KeyRing>> rings;
    for (int i = 0; i < 8; ++i) rings.push_back(std::make_unique<KeyRing>(keys, source));
    const auto acme = scope("acme");
    std::vector<std::string> sealed(rings.size());
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < rings.size(); ++i) {
            threads.emplace_back(
                [&, i] { sealed[i] = rings[i]->seal(acme, "here", "a secret").value(); });
        }
    }
    for (const auto& text : sealed) EXPECT_EQ(ring.unseal(acme, "here", text).value(), "a secret");
}

TEST_F(KeyRingTest, IsDeadAtOnceWhenTheKeyIsGone) {
    const auto acme = scope("acme");
    const auto sealed = ring.seal(acme, "here", "a secret").value();
    ASSERT_EQ(ring.size(), 1U);
    keys.destroy(acme.tenant());
    EXPECT_EQ(ring.unseal(acme, "here", sealed).error().code, Errc::storage_unusable);
    EXPECT_EQ(ring.size(), 0U) << "and not remembered any longer";

    ring.seal(acme, "here", "new").value();
    EXPECT_EQ(ring.unseal(acme, "here", sealed).error().code, Errc::bad_value)
        << "a tenant of the same id has another key";
}

TEST_F(KeyRingTest, RemembersSoManyKeysAndNoMore) {
    KeyRing small{keys, source, 3};
    std::vector<std::pair<std::string, std::string>> sealed;
    for (int i = 0; i < 10; ++i) {
        const auto tenant = "tenant-" + std::to_string(i);
        sealed.emplace_back(tenant, small.seal(scope(tenant), "here", tenant).value());
        EXPECT_LE(small.size(), 3U);
    }
    for (const auto& [tenant, text] : sealed)
        EXPECT_EQ(small.unseal(scope(tenant), "here", text).value(), tenant);
    EXPECT_EQ(small.size(), 3U);
}

TEST_F(KeyRingTest, GoesOnThroughARotation) {
    const auto acme = scope("acme");
    const auto before = ring.seal(acme, "here", "before").value();
    rotate();
    EXPECT_EQ(ring.unseal(acme, "here", before).value(), "before");
    const auto after = ring.seal(acme, "here", "after").value();
    const auto birch = ring.seal(scope("birch"), "here", "birch").value();

    KeyRing fresh{keys, source};
    EXPECT_EQ(fresh.unseal(acme, "here", before).value(), "before");
    EXPECT_EQ(fresh.unseal(acme, "here", after).value(), "after");
    EXPECT_EQ(fresh.unseal(scope("birch"), "here", birch).value(), "birch");
}

TEST_F(KeyRingTest, MakesNoKeyUnderAMasterThatWasJustReplaced) {
    ring.seal(scope("acme"), "here", "a secret").value();
    keys.before_keep = [this] { rotate(); };
    const auto sealed = ring.seal(scope("birch"), "here", "a secret").value();

    const auto wrapped = WrappedKey::parse(**keys.find(scope("birch").tenant())).value();
    EXPECT_EQ(wrapped.master(), source.current().id());
    EXPECT_EQ(ring.unseal(scope("birch"), "here", sealed).value(), "a secret");
}

TEST_F(KeyRingTest, RotationsUnderLoadLoseNothing) {
    std::vector<TenantScope> scopes;
    for (int i = 0; i < 4; ++i) scopes.push_back(scope("tenant-" + std::to_string(i)));
    {
        std::vector<std::jthread> threads;
        for (const auto& mine : scopes) {
            threads.emplace_back([this, &mine] {
                for (int i = 0; i < 200; ++i) {
                    const auto text = std::to_string(i);
                    const auto sealed = ring.seal(mine, text, text).value();
                    ASSERT_EQ(ring.unseal(mine, text, sealed).value(), text);
                }
            });
        }
        for (int i = 0; i < 20; ++i) rotate();
    }
    KeyRing fresh{keys, source};
    for (const auto& each : scopes) EXPECT_TRUE(fresh.seal(each, "here", "a secret"));
    EXPECT_EQ(*keys.master(), source.current().id());
}

TEST_F(KeyRingTest, TellsAClientNothingOfAMissingMasterKey) {
    const auto sealed = ring.seal(scope("acme"), "here", "a secret").value();
    KeyRing fresh{keys, source};
    source.lose_all();
    for (const auto& refused :
         {fresh.unseal(scope("acme"), "here", sealed), fresh.seal(scope("birch"), "here", "x")}) {
        EXPECT_EQ(refused.error().code, Errc::storage_unusable);
        EXPECT_THAT(refused.error().message, Not(HasSubstr("/srv")));
    }
    source.use(MasterKey::random());
    EXPECT_EQ(fresh.unseal(scope("acme"), "here", sealed).error().code, Errc::storage_unusable);
    EXPECT_EQ(fresh.seal(scope("birch"), "here", "x").error().code, Errc::storage_unusable)
        << "no key is made under another than the recorded master key";
}

TEST_F(KeyRingTest, ADamagedKeyIsNoReasonToMakeANewOne) {
    const auto sealed = ring.seal(scope("acme"), "here", "a secret").value();
    const auto good = **keys.find(scope("acme").tenant());
    const auto of_birch =
        WrappedKey::wrap(DataKey::random(), source.current(), TenantId::parse("birch").value());
    for (const auto& text : {std::string{}, std::string{"twk2.x"}, of_birch.text()}) {
        keys.put(scope("acme").tenant(), text);
        EXPECT_EQ(ring.seal(scope("acme"), "here", "x").error().code, Errc::storage_unusable);
        EXPECT_EQ(ring.unseal(scope("acme"), "here", sealed).error().code, Errc::storage_unusable);
    }
    keys.put(scope("acme").tenant(), good);
    EXPECT_EQ(ring.unseal(scope("acme"), "here", sealed).value(), "a secret");
}

TEST_F(KeyRingTest, RewrapsAllOrNothing) {
    ring.seal(scope("acme"), "here", "a secret").value();
    ring.seal(scope("birch"), "here", "a secret").value();
    const auto before = **keys.find(scope("acme").tenant());
    keys.put(scope("birch").tenant(), "damaged");
    const auto from = source.current();
    const auto to = MasterKey::random();
    const auto outcome = keys.change([&](TenantKeys::Change& change) -> Result<void> {
        TENANTRY_TRY_VOID(rewrap(change, from, to));
        return {};
    });
    EXPECT_EQ(outcome.error().code, Errc::storage_unusable);
    EXPECT_THAT(outcome.error().message, HasSubstr("birch"));
    EXPECT_EQ(**keys.find(scope("acme").tenant()), before);
    EXPECT_EQ(*keys.master(), from.id());
}

TEST_F(KeyRingTest, RewrapsFromTheRightKeyAlone) {
    ring.seal(scope("acme"), "here", "a secret").value();
    const auto current = source.current();
    const auto stranger = MasterKey::random();
    const auto other = MasterKey::random();
    ASSERT_TRUE(keys.change([&](TenantKeys::Change& change) -> Result<void> {
        EXPECT_EQ(rewrap(change, stranger, other).error().code, Errc::storage_unusable);
        EXPECT_EQ(rewrap(change, stranger, current).value(), 0U) << "done already";
        EXPECT_EQ(rewrap(change, current, other).value(), 1U);
        return {};
    }));
    EXPECT_EQ(*keys.master(), other.id());
}

}  // namespace
}  // namespace tenantry::auth
