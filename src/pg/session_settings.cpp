#include "session_settings.hpp"

#include <fmt/format.h>

namespace tenantry::pg {

Call settings_call(const Startup& startup) {
    Call call;
    const char* separator = "SELECT ";
    std::size_t parameters = 0;
    for (const auto& [name, value] : startup.settings) {
        call.text += fmt::format("{}pg_catalog.set_config(${}, ${}, false)", separator,
                                 parameters + 1, parameters + 2);
        call.arguments.add_text(name);
        call.arguments.add_text(value);
        parameters += 2;
        separator = ", ";
    }
    return call;
}

}  // namespace tenantry::pg
