#pragma once
/// Who is present in one topic: keys, each with the metas of those who track under it, a meta a
/// member. Pure; the hub puts a lock around it. Threads: one at a time.

#include "base/error.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace tenantry::http::realtime {

class Presence {
public:
    using MemberId = std::uint64_t;

    /// `{"joins":{…},"leaves":{…}}`, as `presence_diff` has it. Empty: nothing has changed.
    using Diff = std::string;

    explicit Presence(std::size_t bytes_max) : bytes_max_{bytes_max} {}

    /// From now on `member` is present under `key` with `meta`, the text of a JSON object, and no
    /// longer as it was before. Errors: out_of_range, if the topic has no room left.
    Result<Diff> track(MemberId member, std::string_view key, std::string_view meta);
    Diff untrack(MemberId member);
    /// `{"<key>":{"metas":[{"phx_ref":…,…},…]},…}`
    std::string state() const;

private:
    struct Tracked {
        std::string key;
        std::string meta;  // with its phx_ref
    };
    std::size_t bytes_max_;
    std::size_t bytes_ = 0;
    std::uint64_t next_ref_ = 1;
    std::map<MemberId, Tracked> tracked_;
};

}  // namespace tenantry::http::realtime
