#pragma once
/// Rows as the database's triggers keep them in `changes`, read back.
///
/// Each engine writes what is cheapest for it, and the forms tell themselves apart:
///
/// | type        | SQLite                   | PostgreSQL             |
/// | numeric     | its unscaled integer     | a number with a point  |
/// | boolean     | 0, 1                     | true, false            |
/// | timestamptz | microseconds since 1970  | text of RFC 3339       |
/// | all else    | as in every answer       | as in every answer     |

#include "base/id.hpp"
#include "feed/change.hpp"

#include <string_view>

namespace tenantry::feed {

/// The image of a row of `relation` that belongs to `tenant`. A member that is missing is null: the
/// row is older than the column. Throws: engine::Fault, if `text` is no such image.
RowImage read_image(const schema::Relation& relation, const TenantId& tenant,
                    std::string_view text);

}  // namespace tenantry::feed
