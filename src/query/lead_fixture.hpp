#pragma once
/// Short names for what the tests here ask about.

#include "query/algebra.hpp"
#include "schema/lead_schema.hpp"

#include <string_view>

namespace tenantry::query {

inline const schema::Catalog& catalog() { return schema::lead_catalog(); }
inline const Relation& leads() { return catalog().relation("leads"); }
inline const Relation& agents() { return catalog().relation("agents"); }
inline const Relation& events() { return catalog().relation("events"); }
inline const Column* lead(std::string_view name) { return &leads().column(name); }
inline const Column* agent(std::string_view name) { return &agents().column(name); }
inline const Column* event(std::string_view name) { return &events().column(name); }

}  // namespace tenantry::query
