#include "server/master_key.hpp"
#include "engine/sqlite/tenant_keys.hpp"
#include "program_test.hpp"

#include <sys/stat.h>

namespace tenantry::cli {
namespace {

using auth::DataKey;
using auth::MasterKey;
using auth::WrappedKey;

/// With the tenants acme and birch.
class MasterKeyCommand : public ProgramTest {
protected:
    void SetUp() override {
        for (const auto* tenant : {"acme", "birch"}) done({"tenant", "create", tenant});
    }
    /// Gives acme a key, as its first secret does.
    void make_key() {
        const auto master =
            server::load_master_key(server::own_master_key(path("tenantry.db")), {}, {}).value();
        keys()->keep(acme_, WrappedKey::wrap(data_key_, master, acme_)).value();
    }
    std::unique_ptr<auth::TenantKeys> keys() const {
        return engine::sqlite::open_tenant_keys(path("tenantry.db")).value();
    }
    bool opens(const MasterKey& master) const {
        const auto key = WrappedKey::parse(**keys()->find(acme_)).value().unwrap(master, acme_);
        return key && key->id() == data_key_.id();
    }
    MasterKey in_file(std::string_view name) const {
        return server::read_master_key_file(path(name)).value();
    }
    void write_key(std::string_view name, const MasterKey& key) const {
        support::write_file(path(name), key.secret_text() + "\n");
        ASSERT_EQ(::chmod(path(name).c_str(), 0600), 0);
    }

    TenantId acme_ = TenantId::parse("acme").value();
    DataKey data_key_ = DataKey::random();
};

TEST_F(MasterKeyCommand, ShowsThatThereIsNoneYetAndMakesNone) {
    const auto shown = done({"master-key", "show-id"});
    EXPECT_TRUE(holds(shown, {"master key  -  (tenantry.db.master-key)", "no secret stored yet"}))
        << shown;
    const auto json = done_json({"master-key", "show-id"});
    EXPECT_TRUE(json.at("master_key").is_null());
    EXPECT_TRUE(json.at("database").is_null());
    EXPECT_FALSE(std::filesystem::exists(path("tenantry.db.master-key")));
    EXPECT_TRUE(holds(refused(1, {"master-key", "rotate"}),
                      {"there is no master key yet: it is made when the first secret is stored"}));
}

TEST_F(MasterKeyCommand, RotatesTheKeyThatTheProgramMade) {
    make_key();
    const auto old = in_file("tenantry.db.master-key");
    const auto answer = done_json({"master-key", "rotate"});
    const auto act = done_json({"audit", "list"}).as_array().back();
    EXPECT_EQ(act.at("action"), "master_key.rotate");
    EXPECT_EQ(act.at("detail").at("from"), answer.at("from"));
    EXPECT_EQ(act.at("detail").at("to"), answer.at("to"));
    const auto now = in_file("tenantry.db.master-key");
    const auto kept = "tenantry.db.master-key." + old.id().text();
    EXPECT_EQ(answer.at("from"), old.id().text().c_str());
    EXPECT_EQ(answer.at("to"), now.id().text().c_str());
    EXPECT_EQ(answer.at("rewrapped"), 1);
    EXPECT_EQ(answer.at("old_key_file"), kept.c_str());
    EXPECT_TRUE(opens(now));
    EXPECT_FALSE(opens(old));
    EXPECT_EQ(in_file(kept).id(), old.id());
    const auto shown = done_json({"master-key", "show-id"});
    EXPECT_EQ(shown.at("master_key"), now.id().text().c_str());
    EXPECT_EQ(shown.at("database"), now.id().text().c_str());

    const auto text = done({"master-key", "rotate"});
    EXPECT_TRUE(holds(text, {"The master key is now ", "; 1 tenant's key was wrapped anew",
                             "It is in tenantry.db.master-key, where running servers find it",
                             "backups made until now need it"}))
        << text;
}

TEST_F(MasterKeyCommand, RotatesToAKeyOfOnesOwn) {
    make_key();
    const auto to = MasterKey::random();
    write_key("new.key", to);
    ASSERT_EQ(::chmod(path("new.key").c_str(), 0640), 0);
    EXPECT_TRUE(holds(refused(2, {"master-key", "rotate", "--new-key-file", "new.key"}),
                      {"chmod 600 new.key"}));
    ASSERT_EQ(::chmod(path("new.key").c_str(), 0600), 0);
    done({"master-key", "rotate", "--new-key-file", "new.key"});
    EXPECT_TRUE(opens(to));
    EXPECT_EQ(in_file("tenantry.db.master-key").id(), to.id());
    EXPECT_TRUE(holds(refused(1, {"master-key", "rotate", "--new-key-file", "new.key"}),
                      {"the master key " + to.id().text() + " is in use already"}));
}

TEST_F(MasterKeyCommand, LeavesAKeyOfTheEnvironmentToItsOwner) {
    make_key();
    const auto old = in_file("tenantry.db.master-key");
    std::filesystem::remove(path("tenantry.db.master-key"));
    environment_["TENANTRY_MASTER_KEY"] = old.secret_text();
    EXPECT_TRUE(holds(refused(2, {"master-key", "rotate"}),
                      {"comes from master_key (TENANTRY_MASTER_KEY)", "--new-key-file"}));
    const auto to = MasterKey::random();
    write_key("new.key", to);
    EXPECT_TRUE(holds(done({"master-key", "rotate", "--new-key-file", "new.key"}),
                      {"set master_key (TENANTRY_MASTER_KEY) to it, and restart them"}));
    EXPECT_TRUE(opens(to));

    const auto wrong = refused(2, {"master-key", "show-id"});
    EXPECT_TRUE(holds(wrong, {to.id().text(), old.id().text(), "TENANTRY_MASTER_KEY"}));
    EXPECT_FALSE(holds(wrong, {old.secret_text()}));
    environment_["TENANTRY_MASTER_KEY"] = to.secret_text();
    done({"master-key", "show-id"});
}

TEST_F(MasterKeyCommand, SaysWhatToDoWhereTheFileIsLost) {
    make_key();
    std::filesystem::remove(path("tenantry.db.master-key"));
    for (const auto* command : {"show-id", "rotate"}) {
        EXPECT_TRUE(holds(refused(2, {"master-key", command}),
                          {"its file tenantry.db.master-key is not there; bring it back"}));
    }
    EXPECT_FALSE(std::filesystem::exists(path("tenantry.db.master-key")));
}

TEST_F(MasterKeyCommand, GivesUpSecretsOnlyWhereTheKeyIsLost) {
    make_key();
    EXPECT_TRUE(holds(refused(1, {"master-key", "give-up"}), {"add --yes-lose-secrets"}));
    EXPECT_TRUE(holds(refused(1, {"master-key", "give-up", "--yes-lose-secrets"}),
                      {"is at hand, so nothing is lost"}));
    EXPECT_TRUE(opens(in_file("tenantry.db.master-key")));
    std::filesystem::remove(path("tenantry.db.master-key"));
    EXPECT_EQ(done({"master-key", "give-up", "--yes-lose-secrets"}),
              "Gave up the secrets of 1 tenant; new ones can be stored\n");
    make_key();
    EXPECT_TRUE(opens(in_file("tenantry.db.master-key")));
}

TEST_F(MasterKeyCommand, NoneOfThemEverPrintsAKey) {
    make_key();
    const auto file = in_file("tenantry.db.master-key").secret_text();
    const auto to = MasterKey::random();
    write_key("new.key", to);
    std::string all = done({"config"}) + done({"config", "--json"});
    EXPECT_TRUE(holds(all, {"(in tenantry.db.master-key)"}));
    all += done({"master-key", "show-id"});
    all += done({"master-key", "rotate", "--new-key-file", "new.key"});
    environment_["TENANTRY_MASTER_KEY"] = to.secret_text();
    const auto table = done({"config"});
    EXPECT_TRUE(holds(table, {"(set)", "TENANTRY_MASTER_KEY"}));
    all += table + done({"master-key", "show-id"});
    all += refused(2, {"serve", "--master-key", to.secret_text()});
    EXPECT_FALSE(holds(all, {file}));
    EXPECT_FALSE(holds(all, {to.secret_text()}));
}

}  // namespace
}  // namespace tenantry::cli
