#pragma once
/// Seals tenants' secrets, each under its tenant's key.

#include "auth/tenant_keys.hpp"
#include "base/tenant_scope.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tenantry::auth {

/// Where the master key comes from. Threads: one at a time.
class MasterKeySource {
public:
    virtual ~MasterKeySource() = default;

    /// The master key of that id; where none is named, because nothing was wrapped yet, the one to
    /// use from now on.
    /// Errors: any, with a sentence for the operator, who is told by the source itself: clients see
    ///         nothing of it.
    virtual Result<MasterKey> load(std::optional<KeyId> wanted) = 0;
};

/// Makes a tenant's key when it is first needed, and remembers the keys last used. What it
/// remembers counts only while the same text stands in the database: each call looks there, so a
/// tenant that is being deleted, its key being gone, is unreadable from that moment on. It asks for
/// the master key when it needs one of another id than it has, so a rotation needs no restart.
///
/// Threads: any, at the same time. Blocking: a look-up by key, and a transaction for the first
/// secret of a tenant. Throws: engine faults.
class KeyRing {
public:
    static constexpr std::size_t keys_max = 1024;

    /// Both must outlive it.
    KeyRing(TenantKeys& keys, MasterKeySource& source, std::size_t remembered_max = keys_max);
    ~KeyRing();
    KeyRing(const KeyRing&) = delete;
    KeyRing& operator=(const KeyRing&) = delete;

    /// `place` names where the secret stands: it opens nowhere else.
    /// Errors: storage_unusable if the tenant's key can't be read with the master key at hand;
    ///         tenant_unavailable if the tenant is gone or being deleted; those of TenantKeys.
    Result<std::string> seal(const TenantScope& scope, std::string_view place,
                             std::string_view plaintext);
    /// Errors: as seal, but storage_unusable for a tenant whose key is gone; bad_value if it is not
    ///         what was sealed for this tenant and place.
    Result<std::string> unseal(const TenantScope& scope, std::string_view place,
                               std::string_view sealed);

    /// How many keys are remembered.
    std::size_t size() const;

private:
    class Cache;
    using Key = std::shared_ptr<const DataKey>;

    /// nullptr if the tenant has none.
    Result<Key> find(const TenantId& tenant);
    Result<Key> find_or_make(const TenantId& tenant);
    /// Errors also: conflict if the master key changed meanwhile.
    Result<Key> make(const TenantId& tenant);
    Result<Key> open(const TenantId& tenant, std::string_view wrapped);
    Result<std::shared_ptr<const MasterKey>> master(std::optional<KeyId> wanted);

    TenantKeys& keys_;
    MasterKeySource& source_;
    std::unique_ptr<Cache> cache_;
    struct Master;
    std::unique_ptr<Master> master_;
};

/// Wraps every tenant's key by `to` instead of `from`. No secret is read or written, and nothing is
/// left to do if `to` is in use already. Returns how many were wrapped anew.
/// Errors: storage_unusable if they are wrapped by neither, or one of them is damaged.
Result<std::size_t> rewrap(TenantKeys::Change& change, const MasterKey& from, const MasterKey& to);

}  // namespace tenantry::auth
