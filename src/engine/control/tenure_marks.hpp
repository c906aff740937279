#pragma once
/// What a tenant's settings say while it arrives or leaves (tenure_store.cpp writes it).

#include "base/error.hpp"
#include "base/id.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace tenantry::engine::control {

/// `text` as an object; an empty one if it is none.
boost::json::object settings_in(std::string_view text);
/// The text of `settings.kind.member`, empty if there is none.
std::string marked(const boost::json::object& settings, std::string_view kind,
                   std::string_view member);
/// The tenant is in another's hands.
Error not_ours(const TenantId& id);

}  // namespace tenantry::engine::control
