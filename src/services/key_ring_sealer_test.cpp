#include "services/key_ring_sealer.hpp"

#include "base/text.hpp"
#include "engine/sqlite/tenant_keys.hpp"
#include "engine/test_database.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

namespace tenantry::services {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view secret = R"({"session":"plaintext-that-must-not-be-found"})";
constexpr std::string_view master_text =
    "a0b1c2d3e4f5061728394a5b6c7d8e9fa0b1c2d3e4f5061728394a5b6c7d8e9f";

class OneMaster final : public auth::MasterKeySource {
public:
    Result<auth::MasterKey> load(std::optional<auth::KeyId>) override {
        return auth::MasterKey::parse(master_text);
    }
};

class KeyRingSealerTest : public testing::Test {
protected:
    static const schema::Relation& identities() {
        return schema::lead_catalog().relation("identities");
    }
    static SealedPlace place(const Uuid& row, std::string_view column = "cookies") {
        return {identities(), identities().column(column), row};
    }
    /// Stores an identity with these cookies.
    void store(const Uuid& row, const schema::Sealed& cookies, const TenantScope& scope) {
        query::Insert insert{.relation = &identities(),
                             .columns = {&identities().id(), &identities().column("platform"),
                                         &identities().column("cookies")}};
        insert.rows.push_back({row, schema::Text{"linkedin"}, cookies});
        const auto stored = database_.run(std::move(insert), scope);
        ASSERT_TRUE(stored) << stored.error().message;
    }
    std::string files() const {
        std::string all;
        for (const auto& file :
             std::filesystem::directory_iterator{database_.path().parent_path()}) {
            std::ifstream in{file.path(), std::ios::binary};
            all.append(std::istreambuf_iterator<char>{in}, {});
        }
        return all;
    }

    engine::testing::TestDatabase database_;
    std::unique_ptr<auth::TenantKeys> keys_ =
        engine::sqlite::open_tenant_keys(database_.path()).value();
    OneMaster master_;
    auth::KeyRing ring_{*keys_, master_};
    KeyRingSealer sealer_{ring_};
};

TEST_F(KeyRingSealerTest, OpensWhatItSealedInItsPlaceAlone) {
    const auto acme = database_.scope("acme");
    const auto birch = database_.scope("birch");
    const auto row = new_uuid();
    const auto sealed = sealer_.seal(acme, place(row), secret).value();
    EXPECT_EQ(sealer_.unseal(acme, place(row), sealed).value(), secret);

    const auto moved = [&](const TenantScope& scope, const SealedPlace& to) {
        return sealer_.unseal(scope, to, sealed).error();
    };
    EXPECT_EQ(moved(acme, place(new_uuid())).code, Errc::bad_value);
    EXPECT_EQ(moved(acme, place(row, "credentials")).code, Errc::bad_value);
    EXPECT_EQ(moved(acme, place(row, "credentials")).field, "credentials");
    EXPECT_EQ(moved(birch, place(row)).code, Errc::storage_unusable) << "birch has no key yet";
    sealer_.seal(birch, place(row), secret).value();
    EXPECT_EQ(moved(birch, place(row)).code, Errc::bad_value);
}

TEST_F(KeyRingSealerTest, RefusesWhatIsNoCiphertext) {
    const auto acme = database_.scope("acme");
    const auto row = new_uuid();
    sealer_.seal(acme, place(row), secret).value();
    for (const auto& text : {"", "tse1.", "{}", "tse1.0123456789abcdef.AAAA"}) {
        const auto refused = sealer_.unseal(acme, place(row), schema::Sealed{text});
        EXPECT_EQ(refused.error().code, Errc::bad_value) << text;
    }
}

TEST_F(KeyRingSealerTest, NeitherSecretsNorKeysAreOnTheDisk) {
    const auto acme = database_.scope("acme");
    for (int i = 0; i < 50; ++i) {
        const auto row = new_uuid();
        store(row, sealer_.seal(acme, place(row), secret).value(), acme);
    }
    const auto log = files();
    ASSERT_THAT(log, HasSubstr("tse1.")) << "what is looked through holds the rows";
    database_.reopen();  // now they have moved from the log to the file
    const auto file = files();
    const auto wrapped = auth::WrappedKey::parse(**keys_->find(acme.tenant())).value();
    const auto master = auth::MasterKey::parse(master_text).value();
    const auto key = wrapped.unwrap(master, acme.tenant()).value();
    const auto bytes = [](const auth::KeyBytes& of) {
        return std::string{of.bytes().begin(), of.bytes().end()};
    };
    for (const auto& all : {log, file}) {
        for (const std::string& part :
             {std::string{"plaintext-that"}, std::string{"must-not-be-found"}, bytes(key),
              bytes(master), encode_base64url(bytes(key)), master.secret_text(),
              std::string{master_text}}) {
            EXPECT_EQ(all.find(part), std::string::npos) << part;
        }
    }
}

}  // namespace
}  // namespace tenantry::services
