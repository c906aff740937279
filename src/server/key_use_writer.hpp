#pragma once
/// Writes down when API keys were last used, every half a minute and at the end, on a thread of its
/// own.

#include "auth/key_uses.hpp"
#include "base/timestamp.hpp"
#include "periodic.hpp"
#include "server/log.hpp"
#include "services/administration.hpp"

namespace tenantry::server {

/// What can't be written is logged and let go: the next use of the key is told again within a
/// minute. Threads: one at a time, besides its own. Everything passed must outlive it.
class KeyUseWriter {
public:
    KeyUseWriter(auth::KeyUses& uses, services::Administration::Open open, const Clock& clock,
                 Log& log);
    ~KeyUseWriter();
    KeyUseWriter(const KeyUseWriter&) = delete;
    KeyUseWriter& operator=(const KeyUseWriter&) = delete;

    /// Writes what is left. Again, it does nothing.
    void stop();

private:
    void write() noexcept;
    Result<void> try_to_write();

    auth::KeyUses& uses_;
    services::Administration::Open open_;
    const Clock& clock_;
    Log& log_;
    Periodic periodic_;  // last: it uses the others
};

}  // namespace tenantry::server
