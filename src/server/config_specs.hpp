#pragma once
/// The table of settings. Private to the configuration's sources.

#include "config_entry.hpp"

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace tenantry::server {

/// How a file writes values of a setting, and what an error says they look like.
struct Shape {
    std::array<Written, 2> written;
    std::string_view words;
};
/// One row of the table that everything else here follows.
struct Spec {
    SettingInfo info;
    Shape shape;
    Result<void> (*take)(Configuration&, const Entry&) = nullptr;
    std::string (*print)(const Configuration&) = nullptr;
    const Origin& (*origin)(const Configuration&) = nullptr;
};

/// All settings, in the order in which they are shown.
std::span<const Spec> specs() noexcept;

}  // namespace tenantry::server
