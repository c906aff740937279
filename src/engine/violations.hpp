#pragma once
/// What broken rules of the schema mean to the one who asked, in the same words from every engine.

#include "base/error.hpp"
#include "schema/catalog.hpp"

#include <string>
#include <string_view>

namespace tenantry::engine {

/// `column` is the last of the key; any other text where it isn't known.
Error unique_violation(const schema::Relation& relation, std::string_view column);
/// Which key failed is only told where the relation has one: not every engine knows.
Error foreign_key_violation(const schema::Relation& relation);
Error check_violation(const schema::Relation& relation);
Error required(std::string_view column);
Error row_too_large();
Error no_match();
Error disk_full();
Error too_late();
Error draining();

}  // namespace tenantry::engine
