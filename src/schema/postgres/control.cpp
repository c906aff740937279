#include "schema/postgres_schema.hpp"

namespace tenantry::schema {

// The same columns as on SQLite, in native types; postgres_schema_test.cpp compares the two.
std::vector<ControlTable> postgres_control_tables() {
    return {
        {"schema_version", R"(  version integer NOT NULL PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT now())",
         "SELECT"},
        {"tenants",
         R"(  id text COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 255),
  name text NOT NULL,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'deleting')),
  settings json NOT NULL DEFAULT '{}',
  standing_version uuid NOT NULL DEFAULT gen_random_uuid(),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL)",
         "SELECT, INSERT, UPDATE, DELETE"},
        {"users", R"(  id uuid NOT NULL PRIMARY KEY,
  email text COLLATE "C" NOT NULL UNIQUE CHECK (email = lower(email)),
  name text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL)",
         "SELECT, INSERT, UPDATE"},
        {"memberships",
         R"(  tenant_id text COLLATE "C" NOT NULL REFERENCES tenantry.tenants (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES tenantry.users (id) ON DELETE CASCADE,
  role text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin', 'owner')),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, user_id))",
         "SELECT, INSERT, UPDATE, DELETE"},
        // A key without tenant is an operator's.
        {"api_keys",
         R"(  id uuid NOT NULL PRIMARY KEY,
  tenant_id text COLLATE "C" REFERENCES tenantry.tenants (id) ON DELETE CASCADE,
  name text NOT NULL,
  role text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin', 'owner', 'platform')),
  prefix text NOT NULL,
  hash text COLLATE "C" NOT NULL UNIQUE,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  CHECK ((role = 'platform') = (tenant_id IS NULL)))",
         "SELECT, INSERT, UPDATE"},
        {"tenant_keys",
         R"(  tenant_id text COLLATE "C" NOT NULL PRIMARY KEY
    REFERENCES tenantry.tenants (id) ON DELETE CASCADE,
  master_id text COLLATE "C" NOT NULL,
  wrapped text NOT NULL,
  created_at timestamptz NOT NULL)",
         "SELECT, INSERT, UPDATE, DELETE"},
        {"master_key", R"(  one integer NOT NULL PRIMARY KEY CHECK (one = 1),
  id text NOT NULL CHECK (length(id) = 16),
  since timestamptz NOT NULL)",
         "SELECT, INSERT, UPDATE, DELETE"},
        // `detail` is json and not jsonb: the log repeats what it was told to the byte.
        {"audit_log",
         R"(  seq bigint NOT NULL PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  tenant_id text COLLATE "C",
  target text,
  detail json NOT NULL DEFAULT '{}')",
         "SELECT, INSERT, UPDATE"},
    };
}

}  // namespace tenantry::schema
