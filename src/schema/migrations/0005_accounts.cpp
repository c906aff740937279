#include "migrations/steps.hpp"

namespace tenantry::schema {

// What signing in takes. Of refresh tokens and tokens in mails, as of API keys, only the SHA-256
// is kept.
//
// An account that a tenant made is that tenant's to manage, good for that one alone, and goes with
// it, until a mail has shown that the address is the user's.
const std::string_view migration_5 = R"sql(
CREATE TABLE accounts (
  user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  password TEXT,
  email_confirmed_at INTEGER,
  managed_by TEXT REFERENCES tenants (id) ON DELETE CASCADE,
  user_metadata TEXT NOT NULL DEFAULT '{}',
  last_sign_in_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idx_accounts_managed_by ON accounts (managed_by);

CREATE TABLE auth_sessions (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  method TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  refreshed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idx_auth_sessions_user_id ON auth_sessions (user_id);
CREATE INDEX idx_auth_sessions_tenant_id ON auth_sessions (tenant_id);

CREATE TABLE refresh_tokens (
  hash TEXT NOT NULL PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES auth_sessions (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX idx_refresh_tokens_session_id ON refresh_tokens (session_id);

-- Whoever has the token has the mailbox. `invite` and `signup` give a membership; the second has
-- the password with it, so that nobody can choose one for an address of others.
CREATE TABLE mail_tokens (
  hash TEXT NOT NULL PRIMARY KEY,
  purpose TEXT NOT NULL CHECK (purpose IN ('invite', 'signup', 'recovery')),
  email TEXT NOT NULL CHECK (email = lower(email)),
  tenant_id TEXT REFERENCES tenants (id) ON DELETE CASCADE,
  role TEXT CHECK (role IN ('viewer', 'operator', 'admin', 'owner')),
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  password TEXT,
  user_metadata TEXT,
  CHECK ((purpose = 'recovery') = (role IS NULL)),
  CHECK ((role IS NULL) = (tenant_id IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX idx_mail_tokens_email ON mail_tokens (email);
CREATE INDEX idx_mail_tokens_tenant_id ON mail_tokens (tenant_id);

-- Who may sign up into a tenant without an invitation: addresses of a domain, or of any ('*').
CREATE TABLE sign_up_rules (
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  domain TEXT NOT NULL CHECK (domain = lower(domain)),
  role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin', 'owner')),
  confirm TEXT NOT NULL CHECK (confirm IN ('mail', 'none')),
  created_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, domain)
) STRICT, WITHOUT ROWID;
CREATE INDEX idx_sign_up_rules_domain ON sign_up_rules (domain);
)sql";

}  // namespace tenantry::schema
