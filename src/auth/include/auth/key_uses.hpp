#pragma once
/// When API keys were last used, on its way to the database: gathered while serving, written later
/// and for many keys at once, so that no request waits for it.

#include "auth/api_key.hpp"
#include "base/timestamp.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <vector>

namespace tenantry::auth {

struct KeyUse {
    ApiKeyId key;
    Timestamp at;

    friend bool operator==(const KeyUse&, const KeyUse&) = default;
};

/// Threads: any, at the same time. Holds one entry for each key used within the last `interval`.
class KeyUses {
public:
    /// A key's use is told at most this often.
    static constexpr std::chrono::minutes interval{1};

    /// Only keys that were found good may be noted, so that nobody can fill it.
    void note(const ApiKeyId& key, Timestamp at);
    /// The uses to write now, each once, in the order of the keys.
    std::vector<KeyUse> take(Timestamp now);

private:
    struct Entry {
        Timestamp at;
        bool taken;
    };
    std::mutex mutex_;
    std::map<Uuid, Entry> entries_;
};

}  // namespace tenantry::auth
