#pragma once
/// The SQL of each step, a file a step; migrations.cpp numbers them.

#include <string_view>

namespace tenantry::schema {

extern const std::string_view migration_1;
extern const std::string_view migration_2;
std::string_view migration_3();
extern const std::string_view migration_4;
extern const std::string_view migration_5;

}  // namespace tenantry::schema
