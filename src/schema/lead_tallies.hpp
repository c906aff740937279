#pragma once

#include "schema/catalog.hpp"

namespace tenantry::schema {

/// The tallies of the built-in relations; migrations/0002 has the triggers that keep them.
void add_lead_tallies(Catalog& catalog);

}  // namespace tenantry::schema
