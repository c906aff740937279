#pragma once
/// Which changes somebody asks for.

#include "feed/change.hpp"
#include "feed/position.hpp"
#include "http/request.hpp"
#include "realtime/filter.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tenantry::http {

/// Threads: a value.
class ChangeQuery {
public:
    /// `since`, `relations`, `ops`, `filter`.
    /// Errors: bad_cursor, bad_query; those of the filter.
    static Result<ChangeQuery> parse(const Target& target);

    /// nullopt: from now on.
    const std::optional<feed::Position>& since() const noexcept { return since_; }
    void set_since(feed::Position since) { since_ = std::move(since); }

    /// Whether the change is asked for. With a filter that is one whose row passed it or passes it
    /// now, so that whoever keeps the rows that pass learns of those that no longer do.
    bool wants(const feed::Change& change) const;

private:
    Result<void> parse_relations(const std::string* text);
    Result<void> parse_ops(const std::string* text);
    Result<void> parse_filter(const std::string* text);

    std::optional<feed::Position> since_{};
    std::vector<const schema::Relation*> relations_{};  // none: all
    std::vector<feed::Op> ops_{};                       // none: all
    std::optional<realtime::ChangeFilter> filter_{};
};

}  // namespace tenantry::http
