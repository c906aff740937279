#include "server/signing_keys_file.hpp"

#include "private_file.hpp"
#include "services/records_json.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace tenantry::server {
namespace {

namespace json = boost::json;

Error bad_file(const std::filesystem::path& path, std::string_view why) {
    return bad_private_file(path, fmt::format("holds no signing keys: {}", why));
}

std::optional<Timestamp> time_in(const json::object& object, std::string_view name) {
    const auto* text = object.if_contains(name);
    if (text == nullptr || !text->is_string()) return std::nullopt;
    const auto time = parse_timestamp(text->get_string());
    return time ? std::optional{*time} : std::nullopt;
}

Result<KeptKey> parse_key(const std::filesystem::path& path, const json::value& value) {
    const auto* object = value.if_object();
    const auto* jwk = object == nullptr ? nullptr : object->if_contains("jwk");
    if (jwk == nullptr || !jwk->is_object()) return bad_file(path, "a key has no jwk");
    const auto since = time_in(*object, "since");
    if (!since) return bad_file(path, "a key has no time in `since`");
    auto text = json::serialize(*jwk);
    auto pair = auth::SigningKeyPair::from_private_jwk(text);
    OPENSSL_cleanse(text.data(), text.size());
    if (!pair) return bad_file(path, pair.error().message);
    return KeptKey{std::move(*pair), *since, time_in(*object, "until")};
}

Result<void> write_keys(const std::filesystem::path& path, const std::vector<KeptKey>& keys) {
    std::string text = "{\"keys\":[";
    for (const auto& key : keys) {
        auto jwk = key.pair.private_jwk();
        text +=
            fmt::format("{}\n{{\"since\":\"{}\",\"until\":{},\"jwk\":{}}}",
                        &key == keys.data() ? "" : ",", services::timestamp_text(key.since),
                        key.until ? '"' + services::timestamp_text(*key.until) + '"' : "null", jwk);
        OPENSSL_cleanse(jwk.data(), jwk.size());
    }
    text += "\n]}\n";
    auto written = replace_private_file(path, text);
    OPENSSL_cleanse(text.data(), text.size());
    return written;
}

bool has_ended(const KeptKey& key, Timestamp now) { return key.until && *key.until <= now; }

}  // namespace

std::filesystem::path signing_keys_file(const Configuration& configuration) {
    if (const auto& file = configuration.signing_keys_file.value) return *file;
    auto path = configuration.database.value.path();
    path += ".signing-keys";
    return path;
}

Result<std::vector<KeptKey>> read_signing_keys(const std::filesystem::path& path) {
    PrivateText held;
    if (auto read = read_private_file(path, held); !read) {
        if (read.error().code == Errc::not_found) return std::vector<KeptKey>{};
        return read.error();
    }
    boost::system::error_code error;
    const auto value = json::parse(held.text(), error);
    const auto* object = error ? nullptr : value.if_object();
    const auto* list = object == nullptr ? nullptr : object->if_contains("keys");
    if (list == nullptr || !list->is_array()) return bad_file(path, "it is no {\"keys\":[…]}");
    std::vector<KeptKey> keys;
    for (const auto& each : list->get_array()) {
        TENANTRY_TRY(key, parse_key(path, each));
        keys.push_back(std::move(key));
    }
    std::ranges::sort(keys, {}, &KeptKey::since);
    return keys;
}

const KeptKey* signing_at(const std::vector<KeptKey>& keys, Timestamp now) noexcept {
    const KeptKey* found = nullptr;
    for (const auto& key : keys) {
        if (key.since <= now && !has_ended(key, now)) found = &key;
    }
    return found;
}

Result<std::string> rotate_signing_keys(const std::filesystem::path& path, Timestamp now,
                                        std::chrono::milliseconds keep) {
    TENANTRY_TRY(keys, read_signing_keys(path));
    std::erase_if(keys, [&](const KeptKey& key) { return has_ended(key, now); });
    const auto since = keys.empty() ? now : now + signing_keys_notice;
    for (auto& key : keys) {
        if (!key.until) key.until = since + keep;
    }
    keys.push_back({auth::SigningKeyPair::make(), since});
    TENANTRY_TRY_VOID(write_keys(path, keys));
    return keys.back().pair.kid();
}

Result<void> revoke_signing_key(const std::filesystem::path& path, std::string_view kid,
                                Timestamp now) {
    TENANTRY_TRY(keys, read_signing_keys(path));
    const auto gone =
        std::erase_if(keys, [&](const KeptKey& key) { return key.pair.kid() == kid; });
    if (gone == 0) return fail(Errc::not_found, "there is no signing key of this kid", "kid");
    std::erase_if(keys, [&](const KeptKey& key) { return has_ended(key, now); });
    return write_keys(path, keys);
}

}  // namespace tenantry::server
