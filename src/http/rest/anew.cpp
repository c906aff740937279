#include "rest/anew.hpp"

#include "rest/row_keys.hpp"

#include <algorithm>

namespace tenantry::http::rest {

void add_key(const Asked& asked, std::vector<const query::Column*>& columns) {
    for (const auto& part : asked.relation->key()) {
        if (std::ranges::find(columns, &part) == columns.end()) columns.push_back(&part);
    }
}

boost::asio::awaitable<Result<Response>> answer_anew(const Call& call, const Asked& asked,
                                                     const query::RowSet& known) {
    auto read = asked.read.read;
    add_key(asked, read.projection);
    read.call.reset();
    read.filter = these_rows(*asked.relation, known);
    read.order.clear();
    read.limit.reset();
    read.offset = 0;
    read.count = false;
    const auto reply =
        co_await call.app.manager.read_rows(std::move(read), call.scope, call.deadline);
    if (!reply) co_return reply.error();
    if (asked.wants_object() && reply->rows.row_count() != 1)
        co_return not_one(reply->rows.row_count());
    co_return rows_answer(asked, reply->rows, places_of(*asked.relation, known, reply->rows));
}

}  // namespace tenantry::http::rest
