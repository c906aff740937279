#pragma once
/// The commands, one source file each. Every function adds its command to `parent`.

#include "cli/command_line.hpp"

namespace tenantry::cli {

void add_serve(Command parent);
void add_migrate(Command parent);
/// `tenant`: create, list, show, rename, suspend, resume; and, in files of their own, export,
/// import, delete.
void add_tenant(Command parent);
void add_tenant_delete(Command tenant);
void add_tenant_export(Command tenant);
void add_tenant_import(Command tenant);
void add_tenant_set_quota(Command tenant);
void add_tenant_sign_up(Command tenant);
void add_scrub(Command parent);
void add_backup(Command parent);
void add_restore(Command parent);
void add_copy(Command parent);
void add_doctor(Command parent);
void add_user(Command parent);
void add_user_link(Command user);
void add_key(Command parent);
void add_audit(Command parent);
/// `relation`: check, list.
void add_relation(Command parent);
void add_function(Command parent);
void add_token(Command parent);
/// `master-key`: rotate, show-id, give-up.
void add_master_key(Command parent);
/// `signing-key`: rotate, list, revoke.
void add_signing_key(Command parent);
void add_import(Command parent);
void add_export(Command parent);
void add_config(Command parent);
void add_version(Command parent);

/// The whole command line.
void add_commands(Command root);

/// `tenantry 0.1.0`.
std::string version_text();

}  // namespace tenantry::cli
