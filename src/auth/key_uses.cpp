#include "auth/key_uses.hpp"

namespace tenantry::auth {

void KeyUses::note(const ApiKeyId& key, Timestamp at) {
    const std::lock_guard lock{mutex_};
    const auto [entry, fresh] = entries_.try_emplace(key.uuid(), Entry{at, false});
    if (fresh || at - entry->second.at < interval) return;
    entry->second = {at, false};
}

std::vector<KeyUse> KeyUses::take(Timestamp now) {
    std::vector<KeyUse> uses;
    const std::lock_guard lock{mutex_};
    for (auto at = entries_.begin(); at != entries_.end();) {
        auto& [key, entry] = *at;
        if (!entry.taken) {
            uses.push_back({ApiKeyId::from_uuid(key), entry.at});
            entry.taken = true;
        }
        // Forgotten when the next use would be told anyway.
        at = now - entry.at >= interval ? entries_.erase(at) : std::next(at);
    }
    return uses;
}

}  // namespace tenantry::auth
