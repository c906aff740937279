#pragma once
/// What is done alike with rows of every relation: plan, scope, run, and say what it means if
/// nothing was there. The operations of UnifiedDatabaseManager are made of these.

#include "query/scoped.hpp"
#include "services/unified_database_manager.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace tenantry::services {

/// "lead", "icp profile": one row of the relation in a sentence.
std::string name_of_one(const schema::Relation& relation);
/// The answer to an id of nobody and to an id of another tenant.
Error no_such_row(const schema::Relation& relation);

/// `sort=` of a list: a column, `-` in front for descending. Errors: bad_query.
Result<std::vector<query::OrderTerm>> parse_sort(const schema::Relation& relation,
                                                 std::string_view text);
/// Adds `column = text` if there is a text. Errors: those of reading it as the column's.
Result<void> add_equality(query::Read& read, std::string_view column,
                          const std::optional<std::string>& text);

/// Threads: any. What it is made of must outlive it.
class RowOperations {
public:
    template <class T>
    using Answer = boost::asio::awaitable<Result<T>>;
    using Deadline = engine::Deadline;

    RowOperations(engine::Executor& executor, const Clock& clock)
        : executor_{executor}, clock_{clock} {}

    /// Inserts one row and returns it. With a key, an insert that was made under it before is
    /// answered as it was then. Errors also: idempotency_key_reused.
    Answer<query::RowSet> insert(const schema::Relation& relation,
                                 std::vector<query::Assignment> fields, TenantScope scope,
                                 Deadline deadline, std::optional<IdempotencyKey> key = {});
    Answer<query::RowSet> get(const schema::Relation& relation, query::Filter filter,
                              TenantScope scope, Deadline deadline);
    /// Errors also: precondition_failed if the row is of another version than expected.
    Answer<query::RowSet> update(const schema::Relation& relation, Uuid id,
                                 std::vector<query::Assignment> fields, TenantScope scope,
                                 Deadline deadline, std::optional<RowVersion> expected = {});
    Answer<void> remove(const schema::Relation& relation, Uuid id, TenantScope scope,
                        Deadline deadline, std::optional<RowVersion> expected = {});
    Answer<Page> page(query::Read read, PageRequest wanted, TenantScope scope, Deadline deadline);

    engine::Executor& executor() const noexcept { return executor_; }
    query::Stamp stamp() const;

private:
    Answer<query::RowSet> insert_once(query::ScopedPlan plan, TenantScope scope, Deadline deadline,
                                      IdempotencyKey key);
    Answer<query::RowSet> replay(const std::vector<const query::Column*>& columns,
                                 const IdempotencyKey& key, const TenantScope& scope,
                                 Deadline deadline);
    Answer<query::RowSet> why_unmatched(const schema::Relation& relation, Uuid id,
                                        TenantScope scope, Deadline deadline);

    engine::Executor& executor_;
    const Clock& clock_;
};

}  // namespace tenantry::services
