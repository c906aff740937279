#include "server/master_key.hpp"

#include "engine/sqlite/sqlite_engine.hpp"
#include "engine/sqlite/tenant_keys.hpp"

#include "private_file.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <set>
#include <thread>

namespace tenantry::server {
namespace {

namespace fs = std::filesystem;
using auth::DataKey;
using auth::KeyId;
using auth::MasterKey;
using auth::TenantKeys;
using auth::WrappedKey;
using testing::ElementsAre;
using testing::HasSubstr;

class MasterKeyTest : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "tenantry-master-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        own_ = folder_ / "a.db.master-key";
    }
    void TearDown() override { fs::remove_all(folder_); }

    Configuration configuration(ConfigSources sources = {}) const {
        sources.flags.emplace_back("database", "sqlite:" + (folder_ / "a.db").string());
        auto held = configure(sources);
        EXPECT_TRUE(held);
        return std::move(*held);
    }
    MasterKeyPlace own() const { return own_master_key(folder_ / "a.db"); }
    MasterKeyPlace configured(const fs::path& file) const {
        return master_key_place(configuration({.flags = {{"master_key_file", file.string()}}}));
    }
    MasterKeyPlace given(const MasterKey& key) const {
        return master_key_place(
            configuration({.environment = {{"TENANTRY_MASTER_KEY", key.secret_text()}}}));
    }

    static Result<MasterKey> load(const MasterKeyPlace& place,
                                  std::optional<KeyId> wanted = std::nullopt) {
        return load_master_key(place, wanted, {});
    }
    KeyId in_file(const fs::path& path) const { return read_master_key_file(path).value().id(); }
    std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const auto& file : fs::directory_iterator{folder_}) {
            const auto name = file.path().filename().string();
            if (name.starts_with("a.db.master-key")) all.push_back(name);
        }
        std::ranges::sort(all);
        return all;
    }

    fs::path folder_;
    fs::path own_;
};

TEST_F(MasterKeyTest, IsMadeOnceAndFoundAgain) {
    std::vector<fs::path> made;
    const auto note = [&](const fs::path& file) { made.push_back(file); };
    const auto first = load_master_key(own(), std::nullopt, note);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(load_master_key(own(), std::nullopt, note)->id(), first->id());
    EXPECT_EQ(load(own(), first->id())->id(), first->id());
    EXPECT_THAT(made, ElementsAre(own_));
    EXPECT_EQ(fs::status(own_).permissions(), fs::perms{0600});
    EXPECT_THAT(names(), ElementsAre("a.db.master-key"));
}

TEST_F(MasterKeyTest, IsTheSameForAllWhoMakeItAtOnce) {
    std::vector<std::string> seen(8);
    {
        std::vector<std::jthread> threads;
        for (auto& mine : seen)
            threads.emplace_back([this, &mine] { mine = load(own())->id().text(); });
    }
    EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 1U);
}

TEST_F(MasterKeyTest, IsNotMadeWhereOneIsConfiguredOrWasLost) {
    const auto key = MasterKey::random();
    EXPECT_EQ(load(given(key))->id(), key.id());
    EXPECT_EQ(load(configured(folder_ / "gone")).error().message,
              "there is no secret file " + (folder_ / "gone").string() +
                  "; it is named by master_key_file (--master-key-file)");
    const auto lost = load(own(), key.id()).error();
    EXPECT_EQ(lost.code, Errc::bad_configuration);
    EXPECT_THAT(lost.message, HasSubstr("under the master key " + key.id().text() +
                                        ", but its file " + own_.string() + " is not there"));
    EXPECT_THAT(names(), ElementsAre());
}

TEST_F(MasterKeyTest, AnotherThanTheDatabasesIsRefusedByName) {
    const auto wanted = MasterKey::random().id();
    const auto key = MasterKey::random();
    const auto refused = load(given(key), wanted).error();
    EXPECT_EQ(refused.code, Errc::bad_configuration);
    EXPECT_THAT(refused.message, HasSubstr(wanted.text()));
    EXPECT_THAT(refused.message,
                HasSubstr("that of master_key (TENANTRY_MASTER_KEY) is " + key.id().text()));
    EXPECT_EQ(refused.message.find(key.secret_text()), std::string::npos);
    ASSERT_TRUE(replace_private_file(own_, key.secret_text()));
    EXPECT_THAT(load(own(), wanted).error().message, HasSubstr(own_.string() + " is "));
}

TEST_F(MasterKeyTest, FileMustBePrivateAndHoldAKey) {
    ASSERT_TRUE(replace_private_file(own_, "hunter2"));
    const auto refused = load(own()).error();
    EXPECT_THAT(refused.message, HasSubstr("can't be used: a master key is 32 random bytes"));
    EXPECT_EQ(refused.message.find("hunter2"), std::string::npos);
    ASSERT_TRUE(replace_private_file(own_, MasterKey::random().secret_text()));
    ASSERT_EQ(::chmod(own_.c_str(), 0644), 0);
    EXPECT_THAT(load(own()).error().message, HasSubstr("chmod 600 " + own_.string()));
}

/// With a database of three tenants, each with a key.
class Rotation : public MasterKeyTest {
protected:
    void SetUp() override {
        MasterKeyTest::SetUp();
        const auto path = folder_ / "a.db";
        engine::sqlite::migrate(path).value();
        auto store = engine::sqlite::open_control_store(path).value();
        for (const auto* tenant : {"acme", "birch", "cedar"})
            store->create_tenant(TenantId::parse(tenant).value(), tenant).value();
        keys_ = engine::sqlite::open_tenant_keys(path).value();
    }
    /// Tenants get their keys under what `place` says.
    void make_keys(const MasterKeyPlace& place) {
        const auto master = load(place).value();
        for (const auto* tenant : {"acme", "birch", "cedar"}) {
            const auto id = TenantId::parse(tenant).value();
            const auto key = DataKey::random();
            data_keys_[tenant] = key.id().text();
            keys_->keep(id, WrappedKey::wrap(key, master, id)).value();
        }
    }
    /// Whether every tenant has the key that it always had, and `place` opens it.
    testing::AssertionResult opens_all(const MasterKeyPlace& place) const {
        const auto master = load(place, keys_->master().value());
        if (!master) return testing::AssertionFailure() << master.error().message;
        for (const auto& [tenant, key] : data_keys_) {
            const auto id = TenantId::parse(tenant).value();
            const auto stored = WrappedKey::parse(**keys_->find(id)).value();
            const auto opened = stored.unwrap(*master, id);
            if (!opened || opened->id().text() != key) return testing::AssertionFailure() << tenant;
        }
        return testing::AssertionSuccess();
    }

    /// What the audit log says of master keys, the latest first.
    std::vector<std::string> acts() {
        std::vector<std::string> lines;
        auto store = engine::sqlite::open_control_store(folder_ / "a.db").value();
        for (const auto& entry : store->audit({}).value()) {
            if (entry.action.starts_with("master_key."))
                lines.push_back(entry.actor + " " + entry.action + " " + entry.detail);
        }
        return lines;
    }

    std::unique_ptr<TenantKeys> keys_;
    std::map<std::string, std::string> data_keys_;
};

TEST_F(Rotation, PutsANewKeyInThePlaceOfThePrograms) {
    make_keys(own());
    const auto old = in_file(own_);
    const auto done = rotate_master_key(own(), *keys_, std::nullopt, "cli:test");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->from, old);
    EXPECT_EQ(done->rewrapped, 3U);
    EXPECT_EQ(in_file(own_), done->to);
    EXPECT_EQ(keys_->master().value(), done->to);
    EXPECT_THAT(acts(), ElementsAre("cli:test master_key.rotate {\"from\":\"" + old.text() +
                                    "\",\"to\":\"" + done->to.text() + "\",\"rewrapped\":3}"));
    EXPECT_EQ(in_file(done->kept), old);
    EXPECT_THAT(names(), ElementsAre("a.db.master-key", "a.db.master-key." + old.text()));
    for (const auto& name : names())
        EXPECT_EQ(fs::status(folder_ / name).permissions(), fs::perms{0600});
    EXPECT_TRUE(opens_all(own()));
}

TEST_F(Rotation, TakesTheKeyOfAFile) {
    make_keys(own());
    const auto key = MasterKey::random();
    const auto done = rotate_master_key(own(), *keys_, key.copy(), "cli:test");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->to, key.id());
    EXPECT_EQ(in_file(own_), key.id());
    EXPECT_TRUE(opens_all(own()));
    EXPECT_TRUE(opens_all(given(key)));

    EXPECT_EQ(rotate_master_key(own(), *keys_, key.copy(), "cli:test").error().code,
              Errc::conflict);
    EXPECT_TRUE(opens_all(own()));
}

TEST_F(Rotation, OfAConfiguredFileNeedsTheNewKey) {
    const auto file = folder_ / "key";
    ASSERT_TRUE(replace_private_file(file, MasterKey::random().secret_text()));
    make_keys(configured(file));
    const auto refused =
        rotate_master_key(configured(file), *keys_, std::nullopt, "cli:test").error();
    EXPECT_EQ(refused.code, Errc::bad_configuration);
    EXPECT_THAT(refused.message, HasSubstr("--new-key-file"));
    const auto key = MasterKey::random();
    const auto done = rotate_master_key(configured(file), *keys_, key.copy(), "cli:test");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(in_file(file), key.id());
    EXPECT_TRUE(opens_all(configured(file)));
}

TEST_F(Rotation, OfAKeyGivenAsAValueWrapsAndLeavesTheRestToTheOperator) {
    const auto old = MasterKey::random();
    make_keys(given(old));
    const auto key = MasterKey::random();
    const auto done = rotate_master_key(given(old), *keys_, key.copy(), "cli:test");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->file, "");
    EXPECT_EQ(done->rewrapped, 3U);
    EXPECT_FALSE(opens_all(given(old)));
    EXPECT_TRUE(opens_all(given(key)));
    EXPECT_THAT(names(), ElementsAre());
}

TEST_F(Rotation, NeedsAMasterKey) {
    EXPECT_EQ(rotate_master_key(own(), *keys_, std::nullopt, "cli:test").error().code,
              Errc::not_found);
    EXPECT_THAT(names(), ElementsAre());
}

TEST_F(Rotation, BeforeThereIsAnyTenantsKeyIsRecordedAllTheSame) {
    const auto old = load(own()).value();
    const auto done = rotate_master_key(own(), *keys_, std::nullopt, "cli:test");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->rewrapped, 0U);
    const auto acme = TenantId::parse("acme").value();
    // A server that read the old key before.
    EXPECT_EQ(keys_->keep(acme, WrappedKey::wrap(DataKey::random(), old, acme)).error().code,
              Errc::conflict);
    EXPECT_EQ(in_file(own_), done->to);
}

TEST_F(Rotation, InterruptedBeforeTheTransactionChangesNothing) {
    make_keys(own());
    const auto old = in_file(own_);
    const auto staged = MasterKey::random();
    ASSERT_TRUE(
        replace_private_file(own_.string() + "." + staged.id().text(), staged.secret_text()));
    EXPECT_TRUE(opens_all(own()));
    EXPECT_EQ(load(own())->id(), old);
    ASSERT_TRUE(rotate_master_key(own(), *keys_, staged.copy(), "cli:test"));
    EXPECT_EQ(in_file(own_), staged.id());
    EXPECT_TRUE(opens_all(own()));
}

TEST_F(Rotation, InterruptedAfterTheTransactionIsUsableAndCanBeCompleted) {
    make_keys(own());
    for (const bool same_key : {true, false}) {
        const auto old = read_master_key_file(own_).value();
        const auto to = MasterKey::random();
        ASSERT_TRUE(replace_private_file(own_.string() + "." + to.id().text(), to.secret_text()));
        ASSERT_TRUE(keys_->change([&](TenantKeys::Change& change) -> Result<void> {
            TENANTRY_TRY_VOID(auth::rewrap(change, old, to));
            return {};
        }));
        EXPECT_EQ(in_file(own_), old.id());
        EXPECT_TRUE(opens_all(own())) << "the new key is found beside the old";

        const auto done = rotate_master_key(
            own(), *keys_, same_key ? std::optional{to.copy()} : std::nullopt, "cli:test");
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_EQ(done->rewrapped, same_key ? 0U : 3U);
        EXPECT_EQ(in_file(own_), done->to);
        EXPECT_EQ(in_file(own_.string() + "." + old.id().text()), old.id());
        EXPECT_TRUE(opens_all(own()));
    }
}

TEST_F(Rotation, ThatCannotWriteItsFileChangesNothing) {
    make_keys(own());
    const auto old = in_file(own_);
    const auto key = MasterKey::random();
    fs::create_directory(own_.string() + "." + key.id().text());  // in the way
    EXPECT_FALSE(rotate_master_key(own(), *keys_, key.copy(), "cli:test"));
    EXPECT_EQ(keys_->master().value(), old);
    EXPECT_EQ(in_file(own_), old);
    EXPECT_TRUE(opens_all(own()));
}

TEST_F(Rotation, OfALostKeyIsGivenUpWithTheSecrets) {
    EXPECT_EQ(give_up_secrets(own(), *keys_, "cli:test").error().code, Errc::not_found);
    make_keys(own());
    EXPECT_EQ(give_up_secrets(own(), *keys_, "cli:test").error().code, Errc::conflict);
    EXPECT_TRUE(opens_all(own()));

    ASSERT_EQ(::chmod(own_.c_str(), 0644), 0);
    EXPECT_EQ(give_up_secrets(own(), *keys_, "cli:test").error().code, Errc::bad_configuration)
        << "it may be the key";
    fs::remove(own_);
    EXPECT_THAT(acts(), ElementsAre());
    EXPECT_EQ(give_up_secrets(own(), *keys_, "cli:test").value(), 3U);
    EXPECT_THAT(acts(), ElementsAre(testing::HasSubstr("cli:test master_key.give_up {")));
    EXPECT_THAT(acts(), ElementsAre(testing::HasSubstr("\"tenants\":3}")));
    EXPECT_EQ(keys_->master().value(), std::nullopt);
    make_keys(own());
    EXPECT_TRUE(opens_all(own()));
}

TEST_F(Rotation, SeveralAtOnceEndWithOneKeyThatOpensAll) {
    make_keys(own());
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([this] {
                const auto keys = engine::sqlite::open_tenant_keys(folder_ / "a.db").value();
                const auto done = rotate_master_key(own(), *keys, std::nullopt, "cli:test");
                EXPECT_TRUE(done) << done.error().message;
            });
        }
    }
    EXPECT_TRUE(opens_all(own()));
    EXPECT_EQ(in_file(own_), keys_->master().value());
}

}  // namespace
}  // namespace tenantry::server
