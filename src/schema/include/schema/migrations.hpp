#pragma once
/// The built-in schema as numbered steps. A step, once released, never changes.

#include <span>
#include <string_view>

namespace tenantry::schema {

struct Migration {
    int version;  // 1, 2, … without gaps
    std::string_view name;
    std::string_view sql;  // statements, run in one transaction; none: only PostgreSQL changes
};

/// For SQLite. Tenant relations are tables `t_<name>`, so that the plain names are free for the
/// views through which connections read.
std::span<const Migration> sqlite_migrations();

}  // namespace tenantry::schema
