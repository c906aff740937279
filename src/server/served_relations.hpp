#pragma once
/// Which relations are served: the built-in ones, and those that others have made in the same
/// database (engine/introspection.hpp); and which functions.

#include "engine/database.hpp"
#include "http/app.hpp"
#include "server/log.hpp"

#include <string>
#include <vector>

namespace tenantry::server {

/// Threads: one at a time.
class ServedRelations {
public:
    /// `functions`: the names of those that may be called. `served` and `log` must outlive it.
    ServedRelations(engine::Location location, std::vector<std::string> functions,
                    http::ServedCatalog& served, Log& log)
        : location_{std::move(location)},
          functions_{std::move(functions)},
          served_{served},
          log_{log} {}

    /// Looks at the database and serves what is fit; the log names the rest with what it lacks.
    /// Errors: storage_unusable.
    Result<void> load();
    /// The same; an error goes to the log, and what was served before goes on.
    void reload() noexcept;

private:
    engine::Location location_;
    std::vector<std::string> functions_;
    http::ServedCatalog& served_;
    Log& log_;
};

}  // namespace tenantry::server
