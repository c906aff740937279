#pragma once
/// What seals a tenant's secrets before they are stored.

#include "base/tenant_scope.hpp"
#include "schema/catalog.hpp"

#include <string>
#include <string_view>

namespace tenantry::services {

/// Where a secret stands. Ciphertext is bound to its place: it can't be moved to another row,
/// column or tenant.
struct SealedPlace {
    const schema::Relation& relation;
    const schema::Column& column;
    const Uuid& row;
};

/// Threads: any, at the same time.
class Sealer {
public:
    virtual ~Sealer() = default;

    /// Encrypts under the key of the scope's tenant, which is made if there is none.
    /// Errors: storage_unusable if the tenant's key can't be read with the master key at hand.
    virtual Result<schema::Sealed> seal(const TenantScope& scope, const SealedPlace& place,
                                        std::string_view plaintext) = 0;
    /// Errors: as seal; bad_value if it is not what was sealed for this place.
    virtual Result<std::string> unseal(const TenantScope& scope, const SealedPlace& place,
                                       const schema::Sealed& sealed) = 0;
};

/// Where there is no master key: whatever needs one is refused.
class NoSealer final : public Sealer {
public:
    Result<schema::Sealed> seal(const TenantScope&, const SealedPlace&, std::string_view) override {
        return refusal();
    }
    Result<std::string> unseal(const TenantScope&, const SealedPlace&,
                               const schema::Sealed&) override {
        return refusal();
    }

private:
    static Error refusal() {
        return fail(Errc::storage_unusable, "this server has no key to seal secrets with");
    }
};

}  // namespace tenantry::services
