#pragma once
/// From a parsed request to a checked plan.
///
/// `plan` is the only way to a `Plan`. What it guarantees, so that nothing after it checks again:
/// columns belong to their relation; operands fit their columns and operators; filters stay within
/// depth and size limits; every read has a limit, and unless it only counts an order that ends with
/// the id, so that pages are stable; `after` has become a filter; inserted rows carry id,
/// created_at, updated_at and all that is not nullable; append-only relations are never updated;
/// primary keys stand.

#include "query/algebra.hpp"

#include <functional>

namespace tenantry::query {

/// What the server itself writes into rows.
struct Stamp {
    Timestamp now;
    std::function<Uuid()> new_id;
};

class Plan {
public:
    const Request& request() const noexcept { return request_; }

private:
    friend Result<Plan> plan(Request request, const Stamp& stamp);
    friend class PlanAccess;
    explicit Plan(Request request) : request_{std::move(request)} {}
    Request request_;
};

/// Whether any write of `relation` can be planned. Errors: read_only_field.
Result<void> check_writable(const Relation& relation);

/// Errors: bad_query, too_deep, out_of_range, bad_cursor, missing_field, read_only_field,
/// bad_value.
Result<Plan> plan(Request request, const Stamp& stamp);

/// For reads and deletes, which write nothing of the server's own.
Result<Plan> plan(Read read);
Result<Plan> plan(Delete request);

}  // namespace tenantry::query
