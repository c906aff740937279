-- The peer's tables: the same relations, keys and rules as Tenantry's, in plain SQLite.
-- Ordinary rowid tables with secondary indexes: measured, they page and insert faster than
-- WITHOUT ROWID ones.

CREATE TABLE tenants (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'deleting')),
  created_at TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE users (id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE) WITHOUT ROWID;

CREATE TABLE memberships (
  user_id TEXT NOT NULL REFERENCES users (id),
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'operator', 'viewer')),
  PRIMARY KEY (user_id, tenant_id)
) WITHOUT ROWID;

CREATE TABLE agents (
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  phone TEXT,
  brokerage TEXT,
  status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive')),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, email)
);

CREATE TABLE leads (
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  id TEXT NOT NULL,
  first_name TEXT,
  last_name TEXT,
  email TEXT,
  phone TEXT,
  property_address TEXT,
  city TEXT,
  province TEXT,
  postal_code TEXT,
  property_type TEXT,
  price_range TEXT,
  timeline TEXT,
  source TEXT,
  status TEXT NOT NULL DEFAULT 'new'
    CHECK (status IN ('new', 'contacted', 'qualified', 'converted', 'closed')),
  assigned_agent TEXT,
  score REAL,
  tags TEXT NOT NULL DEFAULT '[]',
  metadata TEXT NOT NULL DEFAULT '{}',
  last_contacted_at TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, email),
  FOREIGN KEY (tenant_id, assigned_agent) REFERENCES agents (tenant_id, id)
);
-- Newest first, whole and by status; the second also answers "how many" without the table.
CREATE INDEX leads_newest ON leads (tenant_id, created_at DESC, id DESC);
CREATE INDEX leads_status_newest ON leads (tenant_id, status, created_at DESC, id DESC);
CREATE INDEX leads_source ON leads (tenant_id, source);
CREATE INDEX leads_agent ON leads (tenant_id, assigned_agent) WHERE assigned_agent IS NOT NULL;

CREATE TABLE events (
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  id TEXT NOT NULL,
  lead_id TEXT,
  type TEXT NOT NULL,
  content TEXT,
  data TEXT NOT NULL DEFAULT '{}',
  timestamp TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX events_lead ON events (tenant_id, lead_id, timestamp DESC);
CREATE INDEX events_newest ON events (tenant_id, timestamp DESC, id DESC);

CREATE TABLE approvals (
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  id TEXT NOT NULL,
  lead_id TEXT NOT NULL,
  type TEXT NOT NULL CHECK (type IN ('message', 'email', 'call', 'meeting')),
  channel TEXT,
  subject TEXT,
  content TEXT,
  status TEXT NOT NULL DEFAULT 'pending'
    CHECK (status IN ('pending', 'approved', 'rejected', 'sent', 'failed')),
  ai_score REAL CHECK (ai_score BETWEEN 0 AND 1),
  reviewed_by TEXT,
  reviewed_at TEXT,
  rejection_reason TEXT,
  sent_at TEXT,
  metadata TEXT NOT NULL DEFAULT '{}',
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE CASCADE
);
-- Those that wait are few however many were decided, and are listed the oldest first.
CREATE INDEX approvals_pending ON approvals (tenant_id, created_at, id) WHERE status = 'pending';
CREATE INDEX approvals_lead ON approvals (tenant_id, lead_id);
