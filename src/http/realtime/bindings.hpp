#pragma once
/// The changes that a channel asked for. Threads: one at a time.

#include "change_text.hpp"
#include "filter.hpp"
#include "join.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tenantry::http::realtime {

class Bindings {
public:
    /// `requests` become bindings with the ids 1 and on. `catalog` must outlive it.
    /// Errors: bad_query for an event, a schema, a table or a filter that can't be; what filters
    /// may be refused for.
    static Result<Bindings> parse(const std::vector<BindingRequest>& requests,
                                  const schema::Catalog& catalog);

    bool empty() const noexcept { return bindings_.empty(); }

    struct Match {
        std::string_view ids;  // `1,3`; empty: nobody asked for it. Valid until the next call
        const Selection* selected{};  // what of the row was asked for; nullptr: all
    };
    Match match(const feed::Change& change);

private:
    struct Binding {
        std::uint32_t id;
        std::optional<feed::Op> op;
        const schema::Relation* relation;  // nullptr: any
        ChangeFilter filter{};
        Selection selected{};
    };
    static Result<Binding> parse_one(const BindingRequest& request, std::uint32_t id,
                                     const schema::Catalog& catalog);
    static bool fits(const Binding& binding, const feed::Change& change);

    std::vector<Binding> bindings_;
    std::string ids_;
    Selection selected_;
};

/// The bindings as the answer to a join repeats them: `[{"id":1,"event":…},…]`.
std::string echo(const std::vector<BindingRequest>& requests);

}  // namespace tenantry::http::realtime
