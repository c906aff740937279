#pragma once
/// libpq's handles, owned.

#include "pg/answer.hpp"

#include <libpq-fe.h>

#include <memory>

namespace tenantry::pg {

struct FinishConnection {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
using ConnectionHandle = std::unique_ptr<PGconn, FinishConnection>;

/// Takes over `result`, which may be null.
Answer answer_of(PGresult* result);

}  // namespace tenantry::pg
