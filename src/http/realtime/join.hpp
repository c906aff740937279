#pragma once
/// What a client asks for when it joins a channel. Threads: values.
///
///   {"config": {"broadcast": {"ack","self"}, "presence": {"key","enabled"},
///               "postgres_changes": [{"event","schema","table"?,"filter"?,"select"?}, …],
///               "postgres_changes_options": {"wait", "since"?}, "since"?},
///    "access_token"?, "since"?}
///
/// Flags may be texts; what is unknown or null counts as absent.

#include "base/error.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::http::realtime {

/// One requested stretch of changes, as asked for.
struct BindingRequest {
    std::string event;                    // INSERT, UPDATE, DELETE or *, in any case
    std::string schema;                   // empty if absent
    std::optional<std::string> table{};   // all of them without
    std::optional<std::string> filter{};  // as written
    std::vector<std::string> select{};    // columns; empty: all
    std::string members{};  // the four above as the client wrote them: `"event":"*",…`
};

struct JoinRequest {
    bool ack = false;
    bool self = false;
    std::string presence_key{};  // empty: the server picks
    bool presence = true;        // whether to be told of presences
    bool wait = false;           // to be refused rather than joined without changes
    std::vector<BindingRequest> bindings{};
    std::optional<std::string> since{};  // text of a position, or `head`
    std::optional<std::string> access_token{};

    /// Errors: bad_request, naming what has the wrong form; out_of_range for too many bindings.
    static Result<JoinRequest> parse(const boost::json::value& payload, std::size_t bindings_max);
};

/// The `access_token` of a payload; nullopt if there is none, or one of a kind that is passed over
/// (`sb_…`: keys of Supabase that are no tokens).
std::optional<std::string> access_token_of(const boost::json::value& payload);

}  // namespace tenantry::http::realtime
