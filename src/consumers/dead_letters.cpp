#include "consumers/dead_letters.hpp"

#include "engine/run_scoped.hpp"
#include "schema/lead_schema.hpp"

namespace tenantry::consumers {
namespace {

using boost::asio::awaitable;
using schema::Text;

const schema::Relation& letters() {
    static const auto& relation = schema::lead_catalog().relation("dead_letters");
    return relation;
}

const schema::Column& column(std::string_view name) { return letters().column(name); }

}  // namespace

query::Insert bury(const Uuid& consumer, DeadLetter letter) {
    return {.relation = &letters(),
            .columns = {&column("consumer"), &column("message_id"), &column("message"),
                        &column("attempts"), &column("last_error")},
            .rows = {{consumer, Text{std::move(letter.message_id)}, Text{std::move(letter.message)},
                      letter.attempts, Text{std::move(letter.last_error)}}}};
}

query::Read letters_of(const Uuid& consumer) {
    query::Read read{.relation = &letters(),
                     .filter = query::equals(column("consumer"), consumer),
                     .order = {{&column("created_at"), true, true}}};
    for (const auto* shown : query::all_columns(letters())) {
        if (shown != &column("message") && shown != &column("consumer"))
            read.projection.push_back(shown);
    }
    return read;
}

query::Update failed_again(const Uuid& letter, std::int64_t attempts, std::string error) {
    return {.relation = &letters(),
            .assignments = {{&column("attempts"), attempts},
                            {&column("last_error"), Text{std::move(error)}}},
            .filter = query::equals(letters().id(), letter),
            .must_match = true};
}

query::Delete forget(const Uuid& letter) {
    return {.relation = &letters(), .filter = query::equals(letters().id(), letter)};
}

awaitable<Result<std::optional<DeadLetter>>> find_letter(engine::Executor& executor, Uuid consumer,
                                                         Uuid letter, TenantScope scope,
                                                         engine::Deadline deadline) {
    query::Read read{.relation = &letters(),
                     .projection = {&column("message_id"), &column("message"), &column("attempts")},
                     .filter = query::equals(letters().id(), letter),
                     .limit = 1};
    query::add_term(read.filter, query::equals(column("consumer"), consumer));
    const auto reply = co_await engine::run_scoped(executor, std::move(read), scope, deadline);
    if (!reply) co_return reply.error();
    const auto& rows = reply->rows;
    if (rows.row_count() == 0) co_return std::optional<DeadLetter>{};
    DeadLetter found{.message_id = std::get<Text>(rows.value(0, "message_id")),
                     .message = std::get<Text>(rows.value(0, "message")),
                     .attempts = std::get<std::int64_t>(rows.value(0, "attempts"))};
    co_return std::optional{std::move(found)};
}

awaitable<Result<std::int64_t>> count_letters(engine::Executor& executor, Uuid consumer,
                                              TenantScope scope, engine::Deadline deadline) {
    query::Read read{.relation = &letters(),
                     .projection = {&letters().id()},
                     .filter = query::equals(column("consumer"), consumer),
                     .limit = 1};
    read.count = true;
    const auto reply = co_await engine::run_scoped(executor, std::move(read), scope, deadline);
    if (!reply) co_return reply.error();
    co_return reply->total.value_or(0);
}

}  // namespace tenantry::consumers
