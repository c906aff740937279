#pragma once
/// Versions of the schema in a database.

#include "base/error.hpp"

namespace tenantry::engine {

/// The version that a database has, and the newest this program knows.
struct SchemaVersion {
    int current = 0;
    int latest = 0;
};

}  // namespace tenantry::engine
