#include "row_handlers.hpp"

namespace tenantry::http::contacts {

using Manager = services::UnifiedDatabaseManager;

Answer list(const Call& call) { return list_rows<&Manager::list_contacts>(call, "contacts"); }
Answer create(const Call& call) {
    return create_row<services::NewContact, &Manager::create_contact>(call, "/api/contacts/");
}
Answer read(const Call& call) { return read_row<ContactId, &Manager::get_contact>(call); }
Answer replace(const Call& call) {
    return write_row<ContactId, services::ContactReplacement, &Manager::replace_contact>(call);
}
Answer change(const Call& call) {
    return write_row<ContactId, services::ContactChanges, &Manager::update_contact>(call);
}
Answer remove(const Call& call) { return remove_row<ContactId, &Manager::delete_contact>(call); }

}  // namespace tenantry::http::contacts
