#include "schema/postgres_schema.hpp"

#include <algorithm>
#include <iterator>

namespace tenantry::schema {
namespace {

constexpr std::string_view written = "SELECT, INSERT, UPDATE, DELETE";

std::vector<ControlTable> platform_tables() {
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

std::vector<ControlTable> account_tables() {
    return {
        {"accounts",
         R"(  user_id uuid NOT NULL PRIMARY KEY REFERENCES tenantry.users (id) ON DELETE CASCADE,
  password text,
  email_confirmed_at timestamptz,
  managed_by text COLLATE "C" REFERENCES tenantry.tenants (id) ON DELETE CASCADE,
  user_metadata json NOT NULL DEFAULT '{}',
  last_sign_in_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL)",
         written},
        {"auth_sessions", R"(  id uuid NOT NULL PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES tenantry.users (id) ON DELETE CASCADE,
  tenant_id text COLLATE "C" NOT NULL REFERENCES tenantry.tenants (id) ON DELETE CASCADE,
  method text NOT NULL,
  created_at timestamptz NOT NULL,
  refreshed_at timestamptz NOT NULL)",
         written},
        {"refresh_tokens", R"(  hash text COLLATE "C" NOT NULL PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES tenantry.auth_sessions (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  used_at timestamptz)",
         written},
        {"mail_tokens", R"(  hash text COLLATE "C" NOT NULL PRIMARY KEY,
  purpose text NOT NULL CHECK (purpose IN ('invite', 'signup', 'recovery')),
  email text COLLATE "C" NOT NULL CHECK (email = lower(email)),
  tenant_id text COLLATE "C" REFERENCES tenantry.tenants (id) ON DELETE CASCADE,
  role text CHECK (role IN ('viewer', 'operator', 'admin', 'owner')),
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  expires_at timestamptz NOT NULL,
  password text,
  user_metadata json,
  CHECK ((purpose = 'recovery') = (role IS NULL)),
  CHECK ((role IS NULL) = (tenant_id IS NULL)))",
         written},
        {"sign_up_rules",
         R"(  tenant_id text COLLATE "C" NOT NULL REFERENCES tenantry.tenants (id) ON DELETE CASCADE,
  domain text COLLATE "C" NOT NULL CHECK (domain = lower(domain)),
  role text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin', 'owner')),
  confirm text NOT NULL CHECK (confirm IN ('mail', 'none')),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, domain))",
         written},
    };
}

}  // namespace

// The same columns as on SQLite, in native types; postgres_schema_test.cpp compares the two.
std::vector<ControlTable> postgres_control_tables() {
    auto tables = platform_tables();
    std::ranges::move(account_tables(), std::back_inserter(tables));
    return tables;
}

}  // namespace tenantry::schema
