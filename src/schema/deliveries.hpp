#pragma once
/// What the server keeps of deliveries out of the feed: where they go, how far they have come, and
/// what could not be delivered.

#include "schema/catalog.hpp"

namespace tenantry::schema {

void add_deliveries(Catalog& catalog);

}  // namespace tenantry::schema
