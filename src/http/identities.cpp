#include "row_handlers.hpp"

namespace tenantry::http::identities {

using Manager = services::UnifiedDatabaseManager;

Answer list(const Call& call) { return list_rows<&Manager::list_identities>(call, "identities"); }
Answer create(const Call& call) {
    return create_row<services::NewIdentity, &Manager::create_identity>(call, "/api/identities/");
}
Answer read(const Call& call) { return read_row<IdentityId, &Manager::get_identity>(call); }
Answer replace(const Call& call) {
    return write_row<IdentityId, services::IdentityReplacement, &Manager::replace_identity>(call);
}
Answer change(const Call& call) {
    return write_row<IdentityId, services::IdentityChanges, &Manager::update_identity>(call);
}
Answer remove(const Call& call) { return remove_row<IdentityId, &Manager::delete_identity>(call); }

}  // namespace tenantry::http::identities
