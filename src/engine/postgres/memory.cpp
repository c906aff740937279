#include "postgres/memory.hpp"

namespace tenantry::engine::postgres {

std::optional<auth::Standing> Memory::standing(const TenantId& tenant,
                                               std::string_view subject) const {
    const std::lock_guard lock{mutex_};
    const auto known = tenants_.find(tenant.text());
    if (known == tenants_.end()) return std::nullopt;
    const auto found = known->second.standings.find(subject);
    if (found == known->second.standings.end()) return std::nullopt;
    return found->second;
}

std::optional<auth::KeyStanding> Memory::key(std::string_view hash) const {
    const std::lock_guard lock{mutex_};
    const auto owner = tenants_of_keys_.find(hash);
    if (owner == tenants_of_keys_.end()) return std::nullopt;
    return tenants_.at(owner->second).keys.find(hash)->second;
}

std::optional<std::string> Memory::settings(const TenantId& tenant) const {
    const std::lock_guard lock{mutex_};
    const auto known = tenants_.find(tenant.text());
    if (known == tenants_.end()) return std::nullopt;
    return known->second.facts.settings;
}

void Memory::keep(const TenantId& tenant, std::string_view subject, const auth::Standing& standing,
                  TenantFacts facts) {
    const std::lock_guard lock{mutex_};
    auto& known = renew(tenant, std::move(facts));
    if (known.standings.insert_or_assign(std::string{subject}, standing).second) ++answers_;
}

void Memory::keep_key(std::string_view hash, const auth::KeyStanding& key, TenantFacts facts) {
    const std::lock_guard lock{mutex_};
    auto& known = renew(key.tenant.value(), std::move(facts));
    if (!known.keys.insert_or_assign(std::string{hash}, key).second) return;
    ++answers_;
    tenants_of_keys_.insert_or_assign(std::string{hash}, key.tenant->text());
}

void Memory::forget(const TenantId& tenant) {
    const std::lock_guard lock{mutex_};
    drop(tenant.text());
}

Memory::Tenant& Memory::renew(const TenantId& tenant, TenantFacts facts) {
    if (answers_ >= answers_max) {
        tenants_.clear();
        tenants_of_keys_.clear();
        answers_ = 0;
    }
    const auto known = tenants_.find(tenant.text());
    if (known != tenants_.end() && known->second.facts.version == facts.version)
        return known->second;
    drop(tenant.text());
    return tenants_.emplace(tenant.text(), Tenant{.facts = std::move(facts)}).first->second;
}

void Memory::drop(const std::string& tenant) {
    const auto known = tenants_.find(tenant);
    if (known == tenants_.end()) return;
    answers_ -= known->second.standings.size() + known->second.keys.size();
    for (const auto& [hash, key] : known->second.keys) tenants_of_keys_.erase(hash);
    tenants_.erase(known);
}

}  // namespace tenantry::engine::postgres
