"""The benchmark's leads in PostgreSQL: the same rows as everywhere, with ids that pgbench can compute,
loaded in bulk into Tenantry's schema and into the peers'; and one tenant more, whose reports are slow.

pgbench has no variables but numbers, so it couldn't name a lead by a random id. Here lead n of tenant
number t has the id that key(t, n) gives when its digits are written at the end of a version 4 UUID;
keys are spread, so that neighbours in time are none in the index.
"""

from . import data

MULTIPLIER, PRIME = 1103515245, 2147483647
UUID_BEGIN = "00000000000040008000000000000000"  # cut to make room for the digits
REPORTING = "report"  # the tenant with the slow reports
REPORTING_COPIES = 20  # of a tenant's leads
COLUMNS = ("tenant_id, id, first_name, last_name, email, phone, property_address, city, province, "
           "postal_code, property_type, price_range, timeline, source, tags, status, created_at, "
           "updated_at, metadata")


def key(tenant_number, n, leads):
    """Of lead `n` (from 0) of the tenant number `tenant_number` (from 1) of `leads` leads each."""
    return ((tenant_number - 1) * leads + n) * MULTIPLIER % PRIME


def uuid_sql(digits):
    return f"lpad({digits}, 32, '{UUID_BEGIN}')::uuid"


def staged(data_folder, tenants):
    """SQL that brings the files of `tenants` into a table `staging`, in their order."""
    text = ("lead_id, first_name, last_name, email, phone_e164, property_address, city, province, "
            "postal_code, property_type, price_range, timeline, source, tags, status, created_at, "
            "updated_at, metadata")
    lines = ["CREATE UNLOGGED TABLE staging (n bigserial, tenant text, "
             + ", ".join(f"{name} text" for name in text.split(", ")) + ");"]
    for name in tenants:
        lines.append(f"ALTER TABLE staging ALTER tenant SET DEFAULT '{name}';")
        lines.append(f"\\copy staging ({text}) FROM '{data_folder / name}.csv' CSV HEADER")
    return "\n".join(lines)


def insertion(reporting=True):
    """SQL that fills `leads` from the staged rows and, if it is `reporting`, with those of the slow
    tenant: a tenant's leads many times over."""
    def select(tenant, lead_id, email, marker, rest):
        return f"""INSERT INTO public.leads ({COLUMNS})
  SELECT {tenant}, {lead_id}, first_name, nullif(last_name, ''), {email}, phone_e164,
         property_address, city, province, postal_code, property_type, price_range, timeline, source,
         CASE WHEN tags IS NULL OR tags = '' THEN '{{}}' ELSE string_to_array(tags, ';') END, status,
         created_at::timestamptz, updated_at::timestamptz, {marker}::jsonb
  FROM staging {rest};"""
    own = select("tenant", uuid_sql(f"((n - 1) * {MULTIPLIER} % {PRIME})::text"), "email", "metadata",
                 "ORDER BY n")
    slow = select(f"'{REPORTING}'", "gen_random_uuid()", "copy || '.' || email",
                  f"replace(metadata, 'tenant=' || tenant, 'tenant={REPORTING}')",
                  f"CROSS JOIN generate_series(1, {REPORTING_COPIES}) copy"
                  " WHERE tenant = (SELECT min(tenant) FROM staging)")
    return own + "\n" + slow if reporting else own


def finish(known=None):
    """SQL that ends a load: what the planner has to know, and what the load generator has to."""
    lines = []
    if known:
        lines.append(f"\\copy (SELECT tenant_id, id, status, email FROM public.leads WHERE tenant_id <> "
                     f"'{REPORTING}' ORDER BY tenant_id, created_at, id) TO '{known}'")
    return "\n".join([*lines, "DROP TABLE staging;", "CREATE SCHEMA bench;",
                      "CREATE EXTENSION pg_prewarm SCHEMA bench;"])


def load(cluster, database, data_folder, tenants, after="", known=None, reporting=True):
    """Fills `database`, whose `leads` are empty, with the files of `tenants`, and with the slow tenant's
    leads if it is `reporting`. `after` is SQL behind the insertion."""
    cluster.script(database, "\n".join([
        "SET synchronous_commit = off;", staged(data_folder, tenants), insertion(reporting), after,
        finish(known)]))
    cluster.script(database, "VACUUM (ANALYZE, FREEZE);")
    cluster.script("postgres", "CHECKPOINT;")


def tenants_sql(tenants):
    """SQL that fills the peers' tables of tenants and members."""
    members = ", ".join(f"('{name}', '{data.user_of(name)}')" for name in tenants)
    return f"""CREATE TEMPORARY TABLE members (tenant text, member uuid);
INSERT INTO members VALUES {members};
INSERT INTO tenants (id, name) SELECT tenant, tenant FROM members;
INSERT INTO users (id, email) SELECT member, member || '@users.example' FROM members;
INSERT INTO memberships (tenant_id, user_id, role) SELECT tenant, member, 'operator' FROM members;"""
