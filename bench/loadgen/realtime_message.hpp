#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenantry::bench {

/// The messages of Supabase Realtime 2.0.0, arrays of [join_ref, ref, topic, event, payload], as
/// far as a subscriber of changes needs them. They are searched, not parsed as JSON: ten thousand a
/// second must cost little beside the server's work.

/// The event of a message; empty if this isn't one.
std::string_view event_of(std::string_view message) noexcept;

/// The payload says that what was asked for is done.
bool is_ok(std::string_view message) noexcept;

/// What a change is marked with, in the column last_name: whose it is, and which. Without the run,
/// one might give a lead what it has from an earlier run, which is no change.
struct Tag {
    std::uint64_t run;
    std::size_t tenant;  // its place in the data set, from 0
    std::uint64_t number;

    friend bool operator==(const Tag&, const Tag&) = default;
};

std::string text_of(const Tag& tag);

/// The tag in the changed row of a change; nullopt if it has none. The row as it was before
/// (`old_record`) has the tag of an earlier change and is passed over.
std::optional<Tag> tag_of(std::string_view message) noexcept;

/// Whether a row in `message` carries the marker of another tenant (see check.hpp).
bool has_foreign_row(std::string_view message, std::string_view tenant) noexcept;

/// What a subscriber sends: the request for a WebSocket, the join for all changes of leads, and the
/// sign of life.
std::string upgrade_request(std::string_view token);
std::string join_message();
std::string heartbeat_message();

}  // namespace tenantry::bench
