#include "server/master_key.hpp"

#include "private_file.hpp"
#include "server/log.hpp"

#include <fmt/format.h>

#include <string.h>

#include <system_error>

namespace tenantry::server {
namespace {

using auth::KeyId;
using auth::MasterKey;

/// The key's text while it is being written.
class KeyText {
public:
    explicit KeyText(const MasterKey& key) : text_{key.secret_text()} {}
    ~KeyText() { ::explicit_bzero(text_.data(), text_.size()); }
    KeyText(const KeyText&) = delete;
    KeyText& operator=(const KeyText&) = delete;
    std::string_view view() const noexcept { return text_; }

private:
    std::string text_;
};

std::string setting_text(std::string_view name, const Origin& origin) {
    return fmt::format("{} ({})", name, origin.where);
}

/// The name beside `file` under which a rotation leaves the key of that id.
std::filesystem::path file_by_id(const std::filesystem::path& file, KeyId id) {
    auto path = file;
    path += "." + id.text();
    return path;
}

Error bad(std::string message) { return fail(Errc::bad_configuration, std::move(message)); }

Error other_key(const MasterKeyPlace& place, KeyId found, KeyId wanted) {
    return bad(fmt::format(
        "the tenants' secrets are under the master key {}, but that of {} is {}; set {} to the "
        "right one and restart (see: tenantry master-key show-id)",
        wanted.text(), place.key ? place.setting : place.file.string(), found.text(),
        place.setting));
}

Error lost_key(const MasterKeyPlace& place, KeyId wanted) {
    return bad(fmt::format(
        "the tenants' secrets are under the master key {}, but its file {} is not there; bring it "
        "back from where it was copied to, or name another by master_key_file",
        wanted.text(), place.file.string()));
}

/// The key in `file` or beside it under its id.
Result<MasterKey> find_by_id(const MasterKeyPlace& place, KeyId wanted) {
    auto current = read_master_key_file(place.file);
    if (current && current->id() == wanted) return current;
    auto other = read_master_key_file(file_by_id(place.file, wanted));
    if (other && other->id() == wanted) return other;
    if (current) return other_key(place, current->id(), wanted);
    if (current.error().code == Errc::not_found) return lost_key(place, wanted);
    return current.error();
}

Result<MasterKey> rotated_from(const MasterKeyPlace& place, std::optional<KeyId> recorded) {
    if (recorded) return load_master_key(place, recorded, {});
    if (place.key) return place.key->copy();
    auto current = read_master_key_file(place.file);
    if (!current && current.error().code == Errc::not_found) {
        return fail(Errc::not_found,
                    "there is no master key yet: it is made when the first secret is stored");
    }
    return current;
}

Result<void> keep_by_id(const std::filesystem::path& file, const MasterKey& key) {
    const KeyText text{key};
    return make_private_file(file_by_id(file, key.id()), text.view());
}

/// With the new key on the disk before anything is wrapped by it.
Result<Rotated> rewrap_all(const MasterKeyPlace& place, auth::TenantKeys::Change& change,
                           const MasterKey& from, const MasterKey& to) {
    Rotated done{.from = from.id(), .to = to.id()};
    if (from.id() == to.id()) {
        // Unless an earlier rotation to it was interrupted before the file could follow.
        const auto current =
            place.key ? Result<MasterKey>{from.copy()} : read_master_key_file(place.file);
        if (!current || current->id() == to.id()) {
            return fail(Errc::conflict,
                        fmt::format("the master key {} is in use already", to.id().text()));
        }
        done.from = current->id();
    } else {
        if (!place.key) TENANTRY_TRY_VOID(keep_by_id(place.file, to));
        TENANTRY_TRY(rewrapped, auth::rewrap(change, from, to));
        done.rewrapped = rewrapped;
    }
    if (!place.key) {
        done.file = place.file;
        done.kept = file_by_id(place.file, done.from);
    }
    return done;
}

/// Gives the file the key that the database is wrapped by. The old one stays under its id.
Result<void> settle(const MasterKeyPlace& place, KeyId id) {
    TENANTRY_TRY(key, find_by_id(place, id));
    const auto current = read_master_key_file(place.file);
    if (!current || current->id() != id) {
        if (current) TENANTRY_TRY_VOID(keep_by_id(place.file, *current));
        const KeyText text{key};
        TENANTRY_TRY_VOID(replace_private_file(place.file, text.view()));
    }
    std::error_code ignored;  // a second copy does no harm
    std::filesystem::remove(file_by_id(place.file, id), ignored);
    return {};
}

/// Not if a file is there that this user may not read, say.
Result<void> require_lost(const MasterKeyPlace& place, KeyId id) {
    if (load_master_key(place, id, {})) {
        return fail(Errc::conflict,
                    fmt::format("the master key {} is at hand, so nothing is lost; nothing was "
                                "changed",
                                id.text()));
    }
    if (place.key) return {};
    for (const auto& file : {place.file, file_by_id(place.file, id)}) {
        const auto key = read_master_key_file(file);
        if (!key && key.error().code != Errc::not_found) return key.error();
    }
    return {};
}

}  // namespace

std::filesystem::path own_master_key_file(const std::filesystem::path& database) {
    auto path = database;
    path += ".master-key";
    return path;
}

MasterKeyPlace own_master_key(const std::filesystem::path& database) {
    return {.file = own_master_key_file(database), .own = true, .setting = "master_key_file"};
}

MasterKeyPlace master_key_place(const Configuration& configuration) {
    if (const auto& key = configuration.master_key.value)
        return {.key = key->copy(),
                .setting = setting_text("master_key", configuration.master_key.origin)};
    if (const auto& file = configuration.master_key_file.value)
        return {.file = *file,
                .setting = setting_text("master_key_file", configuration.master_key_file.origin)};
    return own_master_key(configuration.database.value.path());
}

Result<MasterKey> read_master_key_file(const std::filesystem::path& path) {
    PrivateText held;
    TENANTRY_TRY_VOID(read_private_file(path, held));
    auto key = MasterKey::parse(held.text());
    if (!key) return bad_private_file(path, fmt::format("can't be used: {}", key.error().message));
    return key;
}

Result<MasterKey> load_master_key(const MasterKeyPlace& place, std::optional<KeyId> wanted,
                                  const std::function<void(const std::filesystem::path&)>& made) {
    if (place.key) {
        if (wanted && *wanted != place.key->id()) return other_key(place, place.key->id(), *wanted);
        return place.key->copy();
    }
    if (wanted) return find_by_id(place, *wanted);
    auto current = read_master_key_file(place.file);
    if (current || current.error().code != Errc::not_found) return current;
    if (!place.own) {
        return bad(fmt::format("{}; it is named by {}", current.error().message, place.setting));
    }
    {
        const auto key = MasterKey::random();
        const KeyText text{key};
        TENANTRY_TRY_VOID(make_private_file(place.file, text.view()));
    }
    if (made) made(place.file);
    return read_master_key_file(place.file);
}

Result<MasterKey> LoggedMasterKey::load(std::optional<KeyId> wanted) {
    auto key = load_master_key(place_, wanted, [this](const std::filesystem::path& file) {
        log_.observe(MasterKeyMade{file.native()});
    });
    if (!key) log_.observe(MasterKeyUnusable{key.error().message});
    return key;
}

Result<Rotated> rotate_master_key(const MasterKeyPlace& place, auth::TenantKeys& keys,
                                  std::optional<MasterKey> to, std::string_view actor) {
    if (!to && !place.own) {
        return bad(fmt::format(
            "the master key comes from {}, so make the new one yourself, and name its file by "
            "--new-key-file",
            place.setting));
    }
    const auto target = to ? std::move(*to) : MasterKey::random();
    std::optional<Rotated> done;
    // The transaction keeps other rotations and makers of keys out from its first line to its last.
    TENANTRY_TRY_VOID(keys.change([&](auth::TenantKeys::Change& change) -> Result<void> {
        TENANTRY_TRY(from, rotated_from(place, change.master()));
        TENANTRY_TRY(rotated, rewrap_all(place, change, from, target));
        // One that only completes an earlier rotation has nothing to say.
        if (from.id() != target.id()) {
            change.note(actor, "master_key.rotate",
                        fmt::format(R"({{"from":"{}","to":"{}","rewrapped":{}}})",
                                    rotated.from.text(), rotated.to.text(), rotated.rewrapped));
        }
        done.emplace(std::move(rotated));
        return {};
    }));
    if (place.key) return *done;
    TENANTRY_TRY_VOID(keys.change([&](auth::TenantKeys::Change& change) -> Result<void> {
        return settle(place, change.master().value_or(done->to));
    }));
    return *done;
}

Result<std::size_t> give_up_secrets(const MasterKeyPlace& place, auth::TenantKeys& keys,
                                    std::string_view actor) {
    std::size_t lost = 0;
    const auto done = keys.change([&](auth::TenantKeys::Change& change) -> Result<void> {
        const auto recorded = change.master();
        if (!recorded) return fail(Errc::not_found, "no secret was ever stored");
        TENANTRY_TRY_VOID(require_lost(place, *recorded));
        lost = change.all().size();
        change.destroy_all();
        change.note(actor, "master_key.give_up",
                    fmt::format(R"({{"master_key":"{}","tenants":{}}})", recorded->text(), lost));
        return {};
    });
    if (!done) return done.error();
    return lost;
}

}  // namespace tenantry::server
