#include "token_cache.hpp"

#include <functional>

namespace tenantry::auth {

TokenCache::Key TokenCache::key_of(std::string_view token) noexcept {
    return {.token = token, .hash = std::hash<std::string_view>{}(token)};
}

TokenCache::Shard& TokenCache::shard_of(const Key& key) noexcept {
    // The high bits: the table within the shard uses the others.
    static_assert(shard_count == 16);
    return shards_[key.hash >> (sizeof key.hash * 8 - 4)];
}

TokenCache::Entry TokenCache::find(std::string_view token, Timestamp now) {
    if (token.size() > token_bytes_max) return nullptr;
    const Key key = key_of(token);
    Shard& shard = shard_of(key);
    const std::lock_guard lock{shard.mutex};
    const auto found = shard.index.find(key);
    if (found == shard.index.end()) return nullptr;
    const auto node = found->second;
    if (node->entry->claims.expires_at > now) {
        shard.nodes.splice(shard.nodes.begin(), shard.nodes, node);
        return node->entry;
    }
    Entry last = std::move(node->entry);
    shard.index.erase(found);  // before the node, which holds the key's text
    shard.nodes.erase(node);
    return last;
}

void TokenCache::insert(std::string_view token, Entry entry) {
    if (token.size() > token_bytes_max) return;
    const Key key = key_of(token);
    Shard& shard = shard_of(key);
    const std::lock_guard lock{shard.mutex};
    if (const auto known = shard.index.find(key); known != shard.index.end()) {
        // Of one generation: another thread was faster, and the claims are the same.
        Entry& kept = known->second->entry;
        if (kept->generation < entry->generation) kept = std::move(entry);
        return;
    }
    if (shard.nodes.size() >= entries_max_) {
        shard.index.erase(key_of(shard.nodes.back().token));
        shard.nodes.pop_back();
    }
    shard.nodes.push_front({.token = std::string{token}, .entry = std::move(entry)});
    const auto node = shard.nodes.begin();
    try {
        shard.index.emplace(Key{.token = node->token, .hash = key.hash}, node);
    } catch (...) {
        shard.nodes.pop_front();
        throw;
    }
}

std::size_t TokenCache::size() {
    std::size_t count = 0;
    for (Shard& shard : shards_) {
        const std::lock_guard lock{shard.mutex};
        count += shard.nodes.size();
    }
    return count;
}

}  // namespace tenantry::auth
