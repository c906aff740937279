#include "auth/keys.hpp"

#include <gmock/gmock.h>

#include <set>
#include <type_traits>

namespace tenantry::auth {
namespace {

using testing::HasSubstr;
using testing::Not;

static_assert(!std::is_copy_constructible_v<MasterKey>);
static_assert(!std::is_copy_constructible_v<DataKey>);
static_assert(!std::is_constructible_v<DataKey, MasterKey>);
static_assert(!std::is_default_constructible_v<MasterKey>);

// 00 01 02 … 1f.
constexpr std::string_view counting_hex =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
constexpr std::string_view counting_base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

MasterKey counting_key() { return MasterKey::parse(counting_hex).value(); }
TenantId tenant(std::string_view id) { return TenantId::parse(id).value(); }

/// Every text that differs from `text` in one character.
std::vector<std::string> changes_of(std::string_view text) {
    std::vector<std::string> changed;
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (const char c : std::string_view{"A0a.-_="}) {
            if (text[i] == c) continue;
            changed.emplace_back(text).at(i) = c;
        }
    }
    return changed;
}

TEST(KeyId, IsSixteenLowerCaseDigits) {
    EXPECT_EQ(KeyId::parse("0123456789abcdef").value().text(), "0123456789abcdef");
    EXPECT_EQ(KeyId::parse("0000000000000000").value().text(), "0000000000000000");
    for (const auto* text : {"", "0", "0123456789ABCDEF", "0123456789abcdef0", "0x23456789abcdef",
                             " 123456789abcdef", "+123456789abcdef"}) {
        EXPECT_EQ(KeyId::parse(text).error().code, Errc::bad_value) << text;
    }
}

TEST(MasterKey, IsReadFromHexadecimalAndFromBase64) {
    const auto id = counting_key().id();
    EXPECT_EQ(MasterKey::parse(counting_base64).value().id(), id);
    EXPECT_EQ(MasterKey::parse(counting_base64.substr(0, 43)).value().id(), id);
    EXPECT_EQ(MasterKey::parse("000102030405060708090A0B0C0D0E0F101112131415161718191a1b1c1d1e1f")
                  .value()
                  .id(),
              id);
    const std::string with_both(32, '\xFB');
    EXPECT_EQ(MasterKey::parse("+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s=").value().id(),
              MasterKey::parse("-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s").value().id());
}

TEST(MasterKey, IsWrittenAsItIsRead) {
    const auto key = MasterKey::random();
    EXPECT_EQ(key.secret_text().size(), 43U);
    EXPECT_EQ(MasterKey::parse(key.secret_text()).value().id(), key.id());
    EXPECT_EQ(counting_key().secret_text(), counting_base64.substr(0, 43));
}

TEST(MasterKey, AnythingElseIsRefusedWithoutRepeatingIt) {
    const std::string hunter(32, 'z');
    for (const std::string& text :
         {std::string{}, std::string{"hunter2"}, hunter, std::string(counting_hex) + "00",
          std::string(counting_base64) + "=", std::string(counting_base64.substr(0, 42)),
          std::string(64, '0'), std::string(63, '0') + "g", std::string(64, ' ')}) {
        const auto refused = MasterKey::parse(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().code, Errc::bad_value);
        if (text.empty()) continue;
        EXPECT_THAT(refused.error().message, Not(HasSubstr(text)));
    }
}

TEST(MasterKey, AreAllDifferent) {
    std::set<std::string> ids;
    for (int i = 0; i < 100; ++i) ids.insert(MasterKey::random().id().text());
    EXPECT_EQ(ids.size(), 100U);
}

TEST(MasterKey, MovesHandOverTheOnlyCopy) {
    auto first = counting_key();
    const auto second = std::move(first);
    EXPECT_EQ(second.id(), counting_key().id());
    const auto left = first.bytes();  // NOLINT(bugprone-use-after-move): it must be wiped
    EXPECT_THAT(std::vector<int>(left.begin(), left.end()), testing::Each(0));
    EXPECT_DEATH(static_cast<void>(first.secret_text()), "");
}

TEST(WrappedKey, OpensForItsTenantAndMasterAlone) {
    const auto master = MasterKey::random();
    const auto key = DataKey::random();
    const auto wrapped = WrappedKey::wrap(key, master, tenant("acme"));
    const auto parsed = WrappedKey::parse(wrapped.text()).value();
    EXPECT_EQ(parsed.master(), master.id());
    EXPECT_EQ(parsed.text(), wrapped.text());
    EXPECT_EQ(parsed.unwrap(master, tenant("acme")).value().id(), key.id());

    EXPECT_EQ(parsed.unwrap(master, tenant("birch")).error().code, Errc::bad_value);
    EXPECT_EQ(parsed.unwrap(MasterKey::random(), tenant("acme")).error().code, Errc::bad_value);
}

TEST(WrappedKey, IsAnotherTextEachTime) {
    const auto master = MasterKey::random();
    const auto key = DataKey::random();
    EXPECT_NE(WrappedKey::wrap(key, master, tenant("acme")).text(),
              WrappedKey::wrap(key, master, tenant("acme")).text());
}

TEST(WrappedKey, AnyChangeIsNoticed) {
    const auto master = MasterKey::random();
    const auto wrapped = WrappedKey::wrap(DataKey::random(), master, tenant("acme"));
    for (const auto& text : changes_of(wrapped.text())) {
        const auto parsed = WrappedKey::parse(text);
        EXPECT_FALSE(parsed && parsed->unwrap(master, tenant("acme"))) << text;
    }
    for (std::size_t size = 0; size < wrapped.text().size(); ++size)
        EXPECT_FALSE(WrappedKey::parse(std::string_view{wrapped.text()}.substr(0, size)));
    EXPECT_FALSE(WrappedKey::parse(wrapped.text() + "AAAA"));
}

TEST(SealedText, OpensInItsPlaceAlone) {
    const auto key = DataKey::random();
    for (const std::string& secret :
         {std::string{}, std::string{"x"}, std::string(100'000, 'y'), std::string{"\0\xFF\n", 3}}) {
        const auto sealed = SealedText::seal(secret, key, tenant("acme"), "identities.cookies.1");
        const auto parsed = SealedText::parse(sealed.text()).value();
        EXPECT_EQ(parsed.key(), key.id());
        EXPECT_EQ(parsed.unseal(key, tenant("acme"), "identities.cookies.1").value(), secret);

        EXPECT_FALSE(parsed.unseal(key, tenant("acme"), "identities.cookies.2"));
        EXPECT_FALSE(parsed.unseal(key, tenant("acme"), ""));
        EXPECT_FALSE(parsed.unseal(key, tenant("acm"), "eidentities.cookies.1"));
        EXPECT_FALSE(parsed.unseal(key, tenant("birch"), "identities.cookies.1"));
        EXPECT_EQ(
            parsed.unseal(DataKey::random(), tenant("acme"), "identities.cookies.1").error().code,
            Errc::bad_value);
    }
}

TEST(SealedText, ShowsNothingOfTheSecretButItsLength) {
    const auto key = DataKey::random();
    const std::string secret = "correct horse battery staple";
    const auto first = SealedText::seal(secret, key, tenant("acme"), "place");
    const auto second = SealedText::seal(secret, key, tenant("acme"), "place");
    EXPECT_NE(first.text(), second.text());
    EXPECT_EQ(first.text().size(), second.text().size());
    EXPECT_THAT(first.text(), Not(HasSubstr(secret)));
}

TEST(SealedText, AnyChangeIsNoticed) {
    const auto key = DataKey::random();
    const auto sealed = SealedText::seal("a secret", key, tenant("acme"), "place");
    for (const auto& text : changes_of(sealed.text())) {
        const auto parsed = SealedText::parse(text);
        EXPECT_FALSE(parsed && parsed->unseal(key, tenant("acme"), "place")) << text;
    }
    for (std::size_t size = 0; size < sealed.text().size(); ++size) {
        const auto parsed = SealedText::parse(std::string_view{sealed.text()}.substr(0, size));
        EXPECT_FALSE(parsed && parsed->unseal(key, tenant("acme"), "place")) << size;
    }
}

TEST(SealedText, IsNoWrappedKey) {
    const auto master = MasterKey::random();
    const auto wrapped = WrappedKey::wrap(DataKey::random(), master, tenant("acme"));
    EXPECT_FALSE(SealedText::parse(wrapped.text()));
    EXPECT_FALSE(WrappedKey::parse(
        SealedText::seal(std::string(32, 'k'), DataKey::random(), tenant("acme"), "").text()));
}

// Made by another program, with libsodium and BLAKE2b of Python: data key 20 21 22 … 3f, nonces
// 40 41 42 … 57. What an earlier version stored must open for good.
TEST(StoredForms, AreThoseOfTheDescription) {
    const auto wrapped = WrappedKey::parse(
        "twk1.39dca21fef90b65e.QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZX9BgnU_TFXzGn3a2Vg7FLvaKLn_cnbGWtUgjH"
        "fjU5Ha_Om-27lqV0LifddSw30p5-");
    const auto key = wrapped.value().unwrap(counting_key(), tenant("acme"));
    ASSERT_TRUE(key);
    EXPECT_EQ(key->id().text(), "de0cbb3803870d53");
    const auto sealed = SealedText::parse(
        "tse1.de0cbb3803870d53.QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWwEezEUUmKvukwpslPUH3spS9wQxXE3O");
    EXPECT_EQ(sealed.value().unseal(*key, tenant("acme"), "place").value(), "a secret");
}

}  // namespace
}  // namespace tenantry::auth
