#include "services/key_ring_sealer.hpp"

namespace tenantry::services {
namespace {

/// Names of relations and columns hold no full stop, so no two places have one text.
std::string text_of(const SealedPlace& place) {
    std::string text = place.relation.name() + '.' + place.column.name() + '.';
    append_uuid(text, place.row);
    return text;
}

/// A refusal of one field.
template <class T>
Result<T> of_field(Result<T> result, const SealedPlace& place) {
    if (!result && result.error().field.empty()) {
        auto error = result.error();
        error.field = place.column.name();
        return error;
    }
    return result;
}

}  // namespace

Result<schema::Sealed> KeyRingSealer::seal(const TenantScope& scope, const SealedPlace& place,
                                           std::string_view plaintext) {
    TENANTRY_TRY(sealed, of_field(ring_.seal(scope, text_of(place), plaintext), place));
    return schema::Sealed{std::move(sealed)};
}

Result<std::string> KeyRingSealer::unseal(const TenantScope& scope, const SealedPlace& place,
                                          const schema::Sealed& sealed) {
    return of_field(ring_.unseal(scope, text_of(place), sealed.text), place);
}

}  // namespace tenantry::services
