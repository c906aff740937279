#pragma once
/// Tokens that have been verified, so that the next request of the same client costs a look-up.

#include "claims.hpp"

#include <array>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tenantry::auth {

/// A bounded map from the whole text of a token to its claims; of a full shard the entry unused for
/// longest goes. It judges neither times nor keys: whoever finds an entry compares `exp` and `nbf`
/// again, and asks whether its signer is still trusted.
/// Threads: any, at the same time; each shard has its own mutex.
class TokenCache {
public:
    static constexpr std::size_t shard_count = 16;
    /// Longer tokens are verified anew each time, so that memory is bounded by bytes, too.
    static constexpr std::size_t token_bytes_max = 4096;

    /// Keeps `entries_max` tokens a shard.
    explicit TokenCache(std::size_t entries_max = 1024) : entries_max_{entries_max} {}

    using Entry = std::shared_ptr<const TimedClaims>;

    /// nullptr if the token isn't known. One that has expired at `now` is handed out a last time
    /// and forgotten.
    Entry find(std::string_view token, Timestamp now);
    /// Of a token that is known already the entry of the later generation stays, else the first.
    void insert(std::string_view token, Entry entry);
    /// How many tokens are remembered.
    std::size_t size();

private:
    struct Node {
        std::string token;
        Entry entry;
    };
    /// A token with its hash, which also chooses the shard; the text is the node's.
    struct Key {
        std::string_view token;
        std::size_t hash;
        // Bytes are compared only behind equal hashes, so that the time taken says nothing about
        // the tokens of others.
        friend bool operator==(const Key& a, const Key& b) noexcept {
            return a.hash == b.hash && a.token == b.token;
        }
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const noexcept { return key.hash; }
    };
    struct Shard {
        std::mutex mutex;
        std::list<Node> nodes;  // last used first
        std::unordered_map<Key, std::list<Node>::iterator, KeyHash> index;
    };

    static Key key_of(std::string_view token) noexcept;
    Shard& shard_of(const Key& key) noexcept;

    std::size_t entries_max_;
    std::array<Shard, shard_count> shards_;
};

}  // namespace tenantry::auth
