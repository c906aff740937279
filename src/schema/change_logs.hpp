#pragma once

#include "schema/catalog.hpp"

namespace tenantry::schema {

/// The logs in which the database records every change of a tenant's rows: `changes`, and
/// `tenant_heads`, which has a tenant's last number. migrations/0003 and postgres/changes.cpp have
/// the triggers that keep them.
void add_change_logs(Catalog& catalog);

}  // namespace tenantry::schema
