#include "auth/key_ring.hpp"

#include <fmt/format.h>

#include <list>
#include <mutex>
#include <unordered_map>

namespace tenantry::auth {
namespace {

/// A master key may change between any two steps, but hardly more often than once a second.
constexpr int attempts_max = 5;

Error no_master_key() {
    return fail(Errc::storage_unusable,
                "secrets can't be used at the moment: the server does not have the master key that "
                "they are under; its log says what to do");
}

Error damaged_key(const TenantId& tenant) {
    return fail(
        Errc::storage_unusable,
        fmt::format("the key of tenant {} is damaged; restore it from a backup", tenant.text()));
}

Error no_key() {
    return fail(Errc::storage_unusable,
                "the key that this secret was sealed under has been destroyed");
}

}  // namespace

/// The keys last used, each with the text that it was unwrapped from.
class KeyRing::Cache {
public:
    explicit Cache(std::size_t most) : keys_max_{most} {}

    Key find(const TenantId& tenant, std::string_view wrapped) {
        const std::lock_guard lock{mutex_};
        const auto found = index_.find(tenant.text());
        if (found == index_.end() || found->second->wrapped != wrapped) return nullptr;
        nodes_.splice(nodes_.begin(), nodes_, found->second);
        return found->second->key;
    }

    void insert(const TenantId& tenant, std::string_view wrapped, Key key) {
        const std::lock_guard lock{mutex_};
        erase_locked(tenant);
        nodes_.push_front({tenant.text(), std::string{wrapped}, std::move(key)});
        index_.emplace(nodes_.front().tenant, nodes_.begin());
        if (nodes_.size() <= keys_max_) return;
        index_.erase(nodes_.back().tenant);
        nodes_.pop_back();
    }

    void erase(const TenantId& tenant) {
        const std::lock_guard lock{mutex_};
        erase_locked(tenant);
    }

    std::size_t size() const {
        const std::lock_guard lock{mutex_};
        return nodes_.size();
    }

private:
    struct Node {
        std::string tenant;
        std::string wrapped;
        Key key;
    };

    void erase_locked(const TenantId& tenant) {
        const auto found = index_.find(tenant.text());
        if (found == index_.end()) return;
        const auto node = found->second;
        index_.erase(found);
        nodes_.erase(node);
    }

    std::size_t keys_max_;
    mutable std::mutex mutex_;
    std::list<Node> nodes_;                                                  // last used first
    std::unordered_map<std::string_view, std::list<Node>::iterator> index_;  // of the nodes' texts
};

struct KeyRing::Master {
    std::mutex mutex;
    std::shared_ptr<const MasterKey> key;
};

KeyRing::KeyRing(TenantKeys& keys, MasterKeySource& source, std::size_t remembered_max)
    : keys_{keys},
      source_{source},
      cache_{std::make_unique<Cache>(remembered_max)},
      master_{std::make_unique<Master>()} {}

KeyRing::~KeyRing() = default;

std::size_t KeyRing::size() const { return cache_->size(); }

Result<std::string> KeyRing::seal(const TenantScope& scope, std::string_view place,
                                  std::string_view plaintext) {
    TENANTRY_TRY(key, find_or_make(scope.tenant()));
    return SealedText::seal(plaintext, *key, scope.tenant(), place).text();
}

Result<std::string> KeyRing::unseal(const TenantScope& scope, std::string_view place,
                                    std::string_view sealed) {
    TENANTRY_TRY(parsed, SealedText::parse(sealed));
    TENANTRY_TRY(key, find(scope.tenant()));
    if (!key) return no_key();
    return parsed.unseal(*key, scope.tenant(), place);
}

Result<KeyRing::Key> KeyRing::find(const TenantId& tenant) {
    TENANTRY_TRY(wrapped, keys_.find(tenant));
    if (!wrapped) {
        cache_->erase(tenant);
        return Key{};
    }
    if (auto known = cache_->find(tenant, *wrapped)) return known;
    return open(tenant, *wrapped);
}

Result<KeyRing::Key> KeyRing::find_or_make(const TenantId& tenant) {
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
        TENANTRY_TRY(found, find(tenant));
        if (found) return found;
        auto made = make(tenant);
        if (made || made.error().code != Errc::conflict) return made;
    }
    return fail(Errc::storage_busy, "the master key is being changed; try again shortly");
}

Result<KeyRing::Key> KeyRing::make(const TenantId& tenant) {
    TENANTRY_TRY(recorded, keys_.master());
    TENANTRY_TRY(master_key, master(recorded));
    auto key = std::make_shared<const DataKey>(DataKey::random());
    const auto wrapped = WrappedKey::wrap(*key, *master_key, tenant);
    TENANTRY_TRY(kept, keys_.keep(tenant, wrapped));
    // Somebody else may have been quicker.
    if (kept != wrapped.text()) return open(tenant, kept);
    cache_->insert(tenant, kept, key);
    return Key{std::move(key)};
}

Result<KeyRing::Key> KeyRing::open(const TenantId& tenant, std::string_view wrapped) {
    const auto parsed = WrappedKey::parse(wrapped);
    if (!parsed) return damaged_key(tenant);
    TENANTRY_TRY(master_key, master(parsed->master()));
    auto unwrapped = parsed->unwrap(*master_key, tenant);
    if (!unwrapped) return damaged_key(tenant);
    auto key = std::make_shared<const DataKey>(std::move(*unwrapped));
    cache_->insert(tenant, wrapped, key);
    return Key{std::move(key)};
}

Result<std::shared_ptr<const MasterKey>> KeyRing::master(std::optional<KeyId> wanted) {
    const std::lock_guard lock{master_->mutex};
    auto& held = master_->key;
    if (held && (!wanted || held->id() == *wanted)) return held;
    auto loaded = source_.load(wanted);
    if (!loaded || (wanted && loaded->id() != *wanted)) return no_master_key();
    held = std::make_shared<const MasterKey>(std::move(*loaded));
    return held;
}

Result<std::size_t> rewrap(TenantKeys::Change& change, const MasterKey& from, const MasterKey& to) {
    const auto recorded = change.master().value_or(from.id());
    if (recorded == to.id()) return 0UL;
    if (recorded != from.id()) {
        return fail(Errc::storage_unusable,
                    fmt::format("the tenants' keys are wrapped by the master key {}, not by {}",
                                recorded.text(), from.id().text()));
    }
    const auto all = change.all();
    for (const auto& [tenant, text] : all) {
        const auto wrapped = WrappedKey::parse(text);
        if (!wrapped) return damaged_key(tenant);
        const auto key = wrapped->unwrap(from, tenant);
        if (!key) return damaged_key(tenant);
        change.replace(tenant, WrappedKey::wrap(*key, to, tenant));
    }
    change.set_master(to.id());
    return all.size();
}

}  // namespace tenantry::auth
