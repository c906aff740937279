#include "migrations/steps.hpp"

namespace tenantry::schema {

// Times are microseconds since 1970, numerics their unscaled integers, uuids 36 characters of text.
// Every key and index leads with tenant_id, so that no lookup crosses tenants and no conflict tells
// of another's row.
//
// What the server writes anyway (updated_at, counts) is kept by triggers, so that it stays true
// whoever writes to the file.
const std::string_view migration_1 = R"sql(
CREATE TABLE tenants (
  id TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 255),
  name TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'deleting')),
  settings TEXT NOT NULL DEFAULT '{}',
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
  id TEXT NOT NULL PRIMARY KEY,
  email TEXT NOT NULL UNIQUE CHECK (email = lower(email)),
  name TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE memberships (
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin', 'owner')),
  created_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX idx_memberships_user_id ON memberships (user_id);

CREATE TABLE t_agents (
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  email TEXT NOT NULL CHECK (email = lower(email)),
  phone TEXT,
  license_number TEXT,
  brokerage TEXT,
  specialties TEXT NOT NULL DEFAULT '[]',
  active_leads INTEGER NOT NULL DEFAULT 0,
  conversion_rate INTEGER NOT NULL DEFAULT 0,
  status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive')),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, email)
) STRICT;
CREATE INDEX idx_agents_created_at ON t_agents (tenant_id, created_at DESC, id DESC);

CREATE TABLE t_leads (
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  id TEXT NOT NULL,
  first_name TEXT NOT NULL,
  last_name TEXT,
  email TEXT CHECK (email = lower(email)),
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
  score INTEGER,
  tags TEXT NOT NULL DEFAULT '[]',
  metadata TEXT NOT NULL DEFAULT '{}',
  last_contacted_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, email),
  CONSTRAINT leads_assigned_agent_fkey
    FOREIGN KEY (tenant_id, assigned_agent) REFERENCES t_agents (tenant_id, id)
) STRICT;
CREATE INDEX idx_leads_created_at ON t_leads (tenant_id, created_at DESC, id DESC);
CREATE INDEX idx_leads_status ON t_leads (tenant_id, status, created_at DESC, id DESC);
CREATE INDEX idx_leads_assigned_agent ON t_leads (tenant_id, assigned_agent)
  WHERE assigned_agent IS NOT NULL;

CREATE TABLE t_events (
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  id TEXT NOT NULL,
  lead_id TEXT,
  agent_id TEXT,
  type TEXT NOT NULL,
  source TEXT,
  content TEXT,
  data TEXT NOT NULL DEFAULT '{}',
  direction TEXT CHECK (direction IN ('in', 'out')),
  timestamp INTEGER NOT NULL,
  metadata TEXT NOT NULL DEFAULT '{}',
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT events_lead_id_fkey
    FOREIGN KEY (tenant_id, lead_id) REFERENCES t_leads (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT events_agent_id_fkey
    FOREIGN KEY (tenant_id, agent_id) REFERENCES t_agents (tenant_id, id)
) STRICT;
CREATE INDEX idx_events_lead_id ON t_events (tenant_id, lead_id, timestamp DESC, id DESC);
CREATE INDEX idx_events_timestamp ON t_events (tenant_id, timestamp DESC, id DESC);
CREATE INDEX idx_events_agent_id ON t_events (tenant_id, agent_id) WHERE agent_id IS NOT NULL;

-- ON DELETE SET NULL would clear tenant_id too.
CREATE TRIGGER agents_release BEFORE DELETE ON t_agents BEGIN
  UPDATE t_leads SET assigned_agent = NULL
    WHERE tenant_id = OLD.tenant_id AND assigned_agent = OLD.id;
  UPDATE t_events SET agent_id = NULL WHERE tenant_id = OLD.tenant_id AND agent_id = OLD.id;
END;

CREATE TRIGGER events_append_only
BEFORE UPDATE OF tenant_id, id, lead_id, type, source, content, data, direction, timestamp,
                 metadata, created_at ON t_events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_agent_stands BEFORE UPDATE OF agent_id ON t_events
WHEN NEW.agent_id IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

CREATE TABLE t_lead_counts (
  tenant_id TEXT NOT NULL,
  status TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, status)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER leads_count_insert AFTER INSERT ON t_leads BEGIN
  INSERT INTO t_lead_counts (tenant_id, status, n) VALUES (NEW.tenant_id, NEW.status, 1)
    ON CONFLICT (tenant_id, status) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER leads_count_delete AFTER DELETE ON t_leads BEGIN
  UPDATE t_lead_counts SET n = n - 1 WHERE tenant_id = OLD.tenant_id AND status = OLD.status;
END;
CREATE TRIGGER leads_count_status AFTER UPDATE OF status ON t_leads
WHEN NEW.status <> OLD.status BEGIN
  UPDATE t_lead_counts SET n = n - 1 WHERE tenant_id = OLD.tenant_id AND status = OLD.status;
  INSERT INTO t_lead_counts (tenant_id, status, n) VALUES (NEW.tenant_id, NEW.status, 1)
    ON CONFLICT (tenant_id, status) DO UPDATE SET n = n + 1;
END;

-- Later than before even within one millisecond, or the trigger would call itself for ever.
CREATE TRIGGER leads_updated_at AFTER UPDATE ON t_leads WHEN NEW.updated_at = OLD.updated_at BEGIN
  UPDATE t_leads SET updated_at = max(OLD.updated_at + 1,
      CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) * 1000)
    WHERE tenant_id = NEW.tenant_id AND id = NEW.id;
END;
CREATE TRIGGER agents_updated_at AFTER UPDATE ON t_agents WHEN NEW.updated_at = OLD.updated_at BEGIN
  UPDATE t_agents SET updated_at = max(OLD.updated_at + 1,
      CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) * 1000)
    WHERE tenant_id = NEW.tenant_id AND id = NEW.id;
END;
)sql";

}  // namespace tenantry::schema
