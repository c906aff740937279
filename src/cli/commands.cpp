#include "cli/commands.hpp"

namespace tenantry::cli {

void add_commands(Command root) {
    add_serve(root);
    add_migrate(root);
    add_tenant(root);
    add_user(root);
    add_key(root);
    add_token(root);
    add_audit(root);
    add_relation(root);
    add_function(root);
    add_master_key(root);
    add_signing_key(root);
    add_import(root);
    add_export(root);
    add_backup(root);
    add_restore(root);
    add_copy(root);
    add_scrub(root);
    add_doctor(root);
    add_config(root);
    add_version(root);
    root.examples(
        "  tenantry tenant create acme --name 'Acme Realty'\n"
        "  tenantry user create --tenant acme --email ann@acme.example --role admin\n"
        "  tenantry import leads leads.csv --tenant acme\n"
        "  tenantry token --tenant acme --user ann@acme.example --expires 12h\n"
        "  tenantry serve\n"
        "\n"
        "Each command has a --help of its own. Exit codes: 0 done, 1 failed or found something,\n"
        "2 the command line or the configuration is at fault.");
}

}  // namespace tenantry::cli
