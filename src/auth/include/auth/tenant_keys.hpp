#pragma once
/// Where tenants' wrapped data keys are kept; implemented by the engine.

#include "auth/keys.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::auth {

/// All keys in it are wrapped by one master key, whose id it records.
///
/// Blocking. Errors of all: storage_busy, storage_full, storage_unusable. Throws: engine faults.
/// Threads: any, at the same time.
class TenantKeys {
public:
    /// A tenant's key as stored; nothing has looked at its text yet.
    struct Stored {
        TenantId tenant;
        std::string wrapped;
    };

    /// The keys within a transaction. Used inside of `change` alone, whose errors its failures are.
    class Change {
    public:
        virtual std::optional<KeyId> master() = 0;
        virtual std::vector<Stored> all() = 0;
        /// The tenant must have a key.
        virtual void replace(const TenantId& tenant, const WrappedKey& wrapped) = 0;
        virtual void set_master(KeyId id) = 0;
        /// Every key, and which master key they were wrapped by.
        virtual void destroy_all() = 0;
        /// Appends to the audit log what is done here, and by whom. `detail` is a JSON object.
        virtual void note(std::string_view actor, std::string_view action,
                          std::string_view detail) = 0;

    protected:
        ~Change() = default;
    };

    virtual ~TenantKeys() = default;

    /// The tenant's key as committed at this moment, so that a key that was destroyed is gone for
    /// everybody at once. nullopt if it has none, also if there is no such tenant.
    virtual Result<std::optional<std::string>> find(const TenantId& tenant) = 0;

    /// By which the keys are wrapped; nullopt before there was any.
    virtual Result<std::optional<KeyId>> master() = 0;

    /// Keeps `wrapped` unless the tenant has a key already. Returns the one that it has then, so
    /// that all who make one at the same time end up with the same.
    /// Errors: conflict if the keys are wrapped by another master key by now;
    ///         tenant_unavailable if there is no such tenant, or it is being deleted.
    virtual Result<std::string> keep(const TenantId& tenant, const WrappedKey& wrapped) = 0;

    /// Runs `work` in one transaction, which nothing else is written beside, by no process. It is
    /// committed if `work` succeeds, and taken back if it fails or throws.
    virtual Result<void> change(const std::function<Result<void>(Change&)>& work) = 0;
};

}  // namespace tenantry::auth
