#pragma once
/// Which relations are served: the built-in ones, and those that others have made in the same
/// database (engine/introspection.hpp).

#include "engine/database.hpp"
#include "http/app.hpp"
#include "server/log.hpp"

namespace tenantry::server {

/// Threads: one at a time.
class ServedRelations {
public:
    /// `served` and `log` must outlive it.
    ServedRelations(engine::Location location, http::ServedCatalog& served, Log& log)
        : location_{std::move(location)}, served_{served}, log_{log} {}

    /// Looks at the database and serves what is fit; the log names the rest with what it lacks.
    /// Errors: storage_unusable.
    Result<void> load();
    /// The same; an error goes to the log, and what was served before goes on.
    void reload() noexcept;

private:
    engine::Location location_;
    http::ServedCatalog& served_;
    Log& log_;
};

}  // namespace tenantry::server
