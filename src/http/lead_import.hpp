#pragma once
/// What the query of an import says.

#include "http/request.hpp"
#include "services/import.hpp"

namespace tenantry::http {

/// `dry_run`, `country_code`, and any number of `map=HEADER=COLUMN`. Errors: bad_value, bad_query;
/// `field` names the parameter.
Result<services::ImportOptions> parse_import_options(const Target& target);

}  // namespace tenantry::http
