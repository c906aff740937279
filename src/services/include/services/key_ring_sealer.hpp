#pragma once
/// The sealer that a server uses: one key a tenant, from the key ring.

#include "auth/key_ring.hpp"
#include "services/sealer.hpp"

namespace tenantry::services {

/// Threads: any, at the same time. Throws: engine faults.
class KeyRingSealer final : public Sealer {
public:
    /// `ring` must outlive it.
    explicit KeyRingSealer(auth::KeyRing& ring) : ring_{ring} {}

    Result<schema::Sealed> seal(const TenantScope& scope, const SealedPlace& place,
                                std::string_view plaintext) override;
    Result<std::string> unseal(const TenantScope& scope, const SealedPlace& place,
                               const schema::Sealed& sealed) override;

private:
    auth::KeyRing& ring_;
};

}  // namespace tenantry::services
