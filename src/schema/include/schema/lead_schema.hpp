#pragma once
/// The built-in tenant relations: agents, leads, events.

#include "schema/catalog.hpp"

namespace tenantry::schema {

/// The catalog of the built-in relations, made on first use and kept for the life of the process.
const Catalog& lead_catalog();

}  // namespace tenantry::schema
