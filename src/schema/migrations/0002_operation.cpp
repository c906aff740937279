#include "migrations/steps.hpp"

namespace tenantry::schema {

// The other tenant relations, what the platform keeps of keys and acts, and the tallies that make a
// dashboard cost the same however many leads there are.
//
// A tally's row goes when its counts are all zero, so that nothing is left of a tenant whose rows
// are gone. Days are whole days since 1970 in UTC, rounded down also before it.
const std::string_view migration_2 = R"sql(
CREATE TABLE t_contacts (
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  id TEXT NOT NULL,
  lead_id TEXT,
  channel TEXT NOT NULL,
  identifier TEXT NOT NULL,
  display_name TEXT,
  verified INTEGER NOT NULL DEFAULT 0 CHECK (verified IN (0, 1)),
  metadata TEXT NOT NULL DEFAULT '{}',
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, channel, identifier),
  CONSTRAINT contacts_lead_id_fkey
    FOREIGN KEY (tenant_id, lead_id) REFERENCES t_leads (tenant_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX idx_contacts_created_at ON t_contacts (tenant_id, created_at DESC, id DESC);
CREATE INDEX idx_contacts_lead_id ON t_contacts (tenant_id, lead_id) WHERE lead_id IS NOT NULL;

CREATE TABLE t_icp_profiles (
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  criteria_locations TEXT NOT NULL DEFAULT '[]',
  criteria_investment TEXT NOT NULL DEFAULT '{}',
  criteria_professional TEXT NOT NULL DEFAULT '{}',
  criteria_behavior TEXT NOT NULL DEFAULT '{}',
  criteria_platforms TEXT NOT NULL DEFAULT '[]',
  max_leads_per_day INTEGER NOT NULL DEFAULT 50 CHECK (max_leads_per_day BETWEEN 1 AND 100000),
  discovery_frequency TEXT NOT NULL DEFAULT 'daily',
  confidence_threshold INTEGER NOT NULL DEFAULT 70
    CHECK (confidence_threshold BETWEEN 0 AND 100),
  exclude_duplicates INTEGER NOT NULL DEFAULT 1 CHECK (exclude_duplicates IN (0, 1)),
  enrichment_enabled INTEGER NOT NULL DEFAULT 1 CHECK (enrichment_enabled IN (0, 1)),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, name)
) STRICT;
CREATE INDEX idx_icp_profiles_created_at ON t_icp_profiles (tenant_id, created_at DESC, id DESC);

-- cookies and credentials hold ciphertext under the tenant's key.
CREATE TABLE t_identities (
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  id TEXT NOT NULL,
  platform TEXT NOT NULL,
  profile_url TEXT,
  auth_status TEXT NOT NULL DEFAULT 'unknown',
  cookies TEXT,
  credentials TEXT,
  last_used_at INTEGER,
  metadata TEXT NOT NULL DEFAULT '{}',
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE INDEX idx_identities_created_at ON t_identities (tenant_id, created_at DESC, id DESC);

CREATE TABLE t_approvals (
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  id TEXT NOT NULL,
  lead_id TEXT NOT NULL,
  type TEXT NOT NULL CHECK (type IN ('message', 'email', 'call', 'meeting')),
  channel TEXT,
  subject TEXT,
  content TEXT,
  status TEXT NOT NULL DEFAULT 'pending'
    CHECK (status IN ('pending', 'approved', 'rejected', 'sent', 'failed')),
  ai_score INTEGER CHECK (ai_score BETWEEN 0 AND 100),
  reviewed_by TEXT,
  reviewed_at INTEGER,
  rejection_reason TEXT,
  sent_at INTEGER,
  metadata TEXT NOT NULL DEFAULT '{}',
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CHECK ((status = 'pending') = (reviewed_at IS NULL)),
  CHECK ((reviewed_at IS NULL) = (reviewed_by IS NULL)),
  CHECK ((status = 'rejected') = (rejection_reason IS NOT NULL)),
  CHECK ((status = 'sent') = (sent_at IS NOT NULL)),
  CONSTRAINT approvals_lead_id_fkey
    FOREIGN KEY (tenant_id, lead_id) REFERENCES t_leads (tenant_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX idx_approvals_created_at ON t_approvals (tenant_id, created_at DESC, id DESC);
CREATE INDEX idx_approvals_status
  ON t_approvals (tenant_id, status, created_at DESC, id DESC);
CREATE INDEX idx_approvals_lead_id ON t_approvals (tenant_id, lead_id, created_at DESC, id DESC);
CREATE INDEX idx_approvals_reviewed_at ON t_approvals (tenant_id, reviewed_at DESC, id DESC);

CREATE TRIGGER approvals_are_decided_once BEFORE UPDATE OF status ON t_approvals
WHEN NEW.status <> OLD.status
 AND NOT (OLD.status = 'pending' AND NEW.status IN ('approved', 'rejected'))
 AND NOT (OLD.status = 'approved' AND NEW.status IN ('sent', 'failed'))
BEGIN SELECT RAISE(ABORT, 'an approval is decided once'); END;

-- The answers to requests that carried an idempotency key, for whoever sends one again.
CREATE TABLE t_idempotency_keys (
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  id TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  answer TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, key)
) STRICT;
CREATE INDEX idx_idempotency_keys_created_at ON t_idempotency_keys (tenant_id, created_at, id);

-- Later than before, also where the clock was set back.
DROP TRIGGER leads_updated_at;
CREATE TRIGGER leads_updated_at AFTER UPDATE ON t_leads WHEN NEW.updated_at <= OLD.updated_at BEGIN
  UPDATE t_leads SET updated_at = max(OLD.updated_at + 1,
      CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) * 1000)
    WHERE tenant_id = NEW.tenant_id AND id = NEW.id;
END;
-- The figures that the server keeps of an agent are no edit of the agent.
DROP TRIGGER agents_updated_at;
CREATE TRIGGER agents_updated_at
AFTER UPDATE OF name, email, phone, license_number, brokerage, specialties, status ON t_agents
WHEN NEW.updated_at <= OLD.updated_at BEGIN
  UPDATE t_agents SET updated_at = max(OLD.updated_at + 1,
      CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) * 1000)
    WHERE tenant_id = NEW.tenant_id AND id = NEW.id;
END;
CREATE TRIGGER contacts_updated_at AFTER UPDATE ON t_contacts
WHEN NEW.updated_at <= OLD.updated_at BEGIN
  UPDATE t_contacts SET updated_at = max(OLD.updated_at + 1,
      CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) * 1000)
    WHERE tenant_id = NEW.tenant_id AND id = NEW.id;
END;
CREATE TRIGGER icp_profiles_updated_at AFTER UPDATE ON t_icp_profiles
WHEN NEW.updated_at <= OLD.updated_at BEGIN
  UPDATE t_icp_profiles SET updated_at = max(OLD.updated_at + 1,
      CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) * 1000)
    WHERE tenant_id = NEW.tenant_id AND id = NEW.id;
END;
CREATE TRIGGER identities_updated_at AFTER UPDATE ON t_identities
WHEN NEW.updated_at <= OLD.updated_at BEGIN
  UPDATE t_identities SET updated_at = max(OLD.updated_at + 1,
      CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) * 1000)
    WHERE tenant_id = NEW.tenant_id AND id = NEW.id;
END;
CREATE TRIGGER approvals_updated_at AFTER UPDATE ON t_approvals
WHEN NEW.updated_at <= OLD.updated_at BEGIN
  UPDATE t_approvals SET updated_at = max(OLD.updated_at + 1,
      CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) * 1000)
    WHERE tenant_id = NEW.tenant_id AND id = NEW.id;
END;

-- Tallies of leads: by status (since version 1), source, day, agent.
CREATE TRIGGER lead_counts_end AFTER UPDATE ON t_lead_counts WHEN NEW.n = 0 BEGIN
  DELETE FROM t_lead_counts WHERE tenant_id = NEW.tenant_id AND status = NEW.status;
END;
DELETE FROM t_lead_counts WHERE n = 0;

CREATE TABLE t_lead_sources (
  tenant_id TEXT NOT NULL,
  source TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX idx_lead_sources_n ON t_lead_sources (tenant_id, n DESC, source);
CREATE TRIGGER lead_sources_end AFTER UPDATE ON t_lead_sources WHEN NEW.n = 0 BEGIN
  DELETE FROM t_lead_sources WHERE tenant_id = NEW.tenant_id AND source = NEW.source;
END;
CREATE TRIGGER leads_source_insert AFTER INSERT ON t_leads BEGIN
  INSERT INTO t_lead_sources (tenant_id, source, n)
    VALUES (NEW.tenant_id, coalesce(NEW.source, ''), 1)
    ON CONFLICT (tenant_id, source) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER leads_source_delete AFTER DELETE ON t_leads BEGIN
  UPDATE t_lead_sources SET n = n - 1
    WHERE tenant_id = OLD.tenant_id AND source = coalesce(OLD.source, '');
END;
CREATE TRIGGER leads_source_update AFTER UPDATE OF source ON t_leads
WHEN coalesce(NEW.source, '') <> coalesce(OLD.source, '') BEGIN
  UPDATE t_lead_sources SET n = n - 1
    WHERE tenant_id = OLD.tenant_id AND source = coalesce(OLD.source, '');
  INSERT INTO t_lead_sources (tenant_id, source, n)
    VALUES (NEW.tenant_id, coalesce(NEW.source, ''), 1)
    ON CONFLICT (tenant_id, source) DO UPDATE SET n = n + 1;
END;
INSERT INTO t_lead_sources (tenant_id, source, n)
  SELECT tenant_id, coalesce(source, ''), count(*) FROM t_leads GROUP BY 1, 2;

CREATE TABLE t_lead_days (
  tenant_id TEXT NOT NULL,
  day INTEGER NOT NULL,
  created INTEGER NOT NULL,
  converted INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, day)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER lead_days_end AFTER UPDATE ON t_lead_days WHEN NEW.created = 0 BEGIN
  DELETE FROM t_lead_days WHERE tenant_id = NEW.tenant_id AND day = NEW.day;
END;
CREATE TRIGGER leads_day_insert AFTER INSERT ON t_leads BEGIN
  INSERT INTO t_lead_days (tenant_id, day, created, converted)
    VALUES (NEW.tenant_id,
            (NEW.created_at - 86399999999 * (NEW.created_at < 0)) / 86400000000,
            1, NEW.status = 'converted')
    ON CONFLICT (tenant_id, day)
    DO UPDATE SET created = created + 1, converted = converted + excluded.converted;
END;
CREATE TRIGGER leads_day_delete AFTER DELETE ON t_leads BEGIN
  UPDATE t_lead_days
    SET created = created - 1, converted = converted - (OLD.status = 'converted')
    WHERE tenant_id = OLD.tenant_id
      AND day = (OLD.created_at - 86399999999 * (OLD.created_at < 0)) / 86400000000;
END;
CREATE TRIGGER leads_day_update AFTER UPDATE OF status ON t_leads
WHEN (NEW.status = 'converted') <> (OLD.status = 'converted') BEGIN
  UPDATE t_lead_days
    SET converted = converted + (NEW.status = 'converted') - (OLD.status = 'converted')
    WHERE tenant_id = OLD.tenant_id
      AND day = (OLD.created_at - 86399999999 * (OLD.created_at < 0)) / 86400000000;
END;
CREATE TRIGGER leads_created_once BEFORE UPDATE OF created_at ON t_leads
WHEN NEW.created_at <> OLD.created_at
BEGIN SELECT RAISE(ABORT, 'created_at stands'); END;
INSERT INTO t_lead_days (tenant_id, day, created, converted)
  SELECT tenant_id, (created_at - 86399999999 * (created_at < 0)) / 86400000000,
         count(*), sum(status = 'converted')
  FROM t_leads GROUP BY 1, 2;

CREATE TABLE t_agent_leads (
  tenant_id TEXT NOT NULL,
  agent TEXT NOT NULL,
  assigned INTEGER NOT NULL,
  active INTEGER NOT NULL,
  converted INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, agent)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER agent_leads_insert AFTER INSERT ON t_agent_leads BEGIN
  UPDATE t_agents
    SET active_leads = NEW.active,
        conversion_rate = (20000 * NEW.converted + NEW.assigned) / (2 * NEW.assigned)
    WHERE tenant_id = NEW.tenant_id AND id = NEW.agent;
END;
CREATE TRIGGER agent_leads_update AFTER UPDATE ON t_agent_leads WHEN NEW.assigned > 0 BEGIN
  UPDATE t_agents
    SET active_leads = NEW.active,
        conversion_rate = (20000 * NEW.converted + NEW.assigned) / (2 * NEW.assigned)
    WHERE tenant_id = NEW.tenant_id AND id = NEW.agent;
END;
CREATE TRIGGER agent_leads_end AFTER UPDATE ON t_agent_leads WHEN NEW.assigned = 0 BEGIN
  UPDATE t_agents SET active_leads = 0, conversion_rate = 0
    WHERE tenant_id = NEW.tenant_id AND id = NEW.agent;
  DELETE FROM t_agent_leads WHERE tenant_id = NEW.tenant_id AND agent = NEW.agent;
END;
CREATE TRIGGER leads_agent_insert AFTER INSERT ON t_leads WHEN NEW.assigned_agent IS NOT NULL BEGIN
  INSERT INTO t_agent_leads (tenant_id, agent, assigned, active, converted)
    VALUES (NEW.tenant_id, NEW.assigned_agent, 1,
            NEW.status IN ('new', 'contacted', 'qualified'), NEW.status = 'converted')
    ON CONFLICT (tenant_id, agent) DO UPDATE SET assigned = assigned + 1,
      active = active + excluded.active, converted = converted + excluded.converted;
END;
CREATE TRIGGER leads_agent_delete AFTER DELETE ON t_leads WHEN OLD.assigned_agent IS NOT NULL BEGIN
  UPDATE t_agent_leads SET assigned = assigned - 1,
      active = active - (OLD.status IN ('new', 'contacted', 'qualified')),
      converted = converted - (OLD.status = 'converted')
    WHERE tenant_id = OLD.tenant_id AND agent = OLD.assigned_agent;
END;
CREATE TRIGGER leads_agent_leave AFTER UPDATE OF assigned_agent, status ON t_leads
WHEN OLD.assigned_agent IS NOT NULL
 AND (NEW.assigned_agent IS NOT OLD.assigned_agent OR NEW.status <> OLD.status) BEGIN
  UPDATE t_agent_leads SET assigned = assigned - (NEW.assigned_agent IS NOT OLD.assigned_agent),
      active = active - (OLD.status IN ('new', 'contacted', 'qualified'))
        + (NEW.assigned_agent IS OLD.assigned_agent
           AND NEW.status IN ('new', 'contacted', 'qualified')),
      converted = converted - (OLD.status = 'converted')
        + (NEW.assigned_agent IS OLD.assigned_agent AND NEW.status = 'converted')
    WHERE tenant_id = OLD.tenant_id AND agent = OLD.assigned_agent;
END;
CREATE TRIGGER leads_agent_join AFTER UPDATE OF assigned_agent ON t_leads
WHEN NEW.assigned_agent IS NOT NULL AND NEW.assigned_agent IS NOT OLD.assigned_agent BEGIN
  INSERT INTO t_agent_leads (tenant_id, agent, assigned, active, converted)
    VALUES (NEW.tenant_id, NEW.assigned_agent, 1,
            NEW.status IN ('new', 'contacted', 'qualified'), NEW.status = 'converted')
    ON CONFLICT (tenant_id, agent) DO UPDATE SET assigned = assigned + 1,
      active = active + excluded.active, converted = converted + excluded.converted;
END;
UPDATE t_agents SET active_leads = 0, conversion_rate = 0;
INSERT INTO t_agent_leads (tenant_id, agent, assigned, active, converted)
  SELECT tenant_id, assigned_agent, count(*),
         sum(status IN ('new', 'contacted', 'qualified')), sum(status = 'converted')
  FROM t_leads WHERE assigned_agent IS NOT NULL GROUP BY 1, 2;

CREATE TABLE t_approval_counts (
  tenant_id TEXT NOT NULL,
  status TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, status)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER approval_counts_end AFTER UPDATE ON t_approval_counts WHEN NEW.n = 0 BEGIN
  DELETE FROM t_approval_counts WHERE tenant_id = NEW.tenant_id AND status = NEW.status;
END;
CREATE TRIGGER approvals_count_insert AFTER INSERT ON t_approvals BEGIN
  INSERT INTO t_approval_counts (tenant_id, status, n) VALUES (NEW.tenant_id, NEW.status, 1)
    ON CONFLICT (tenant_id, status) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER approvals_count_delete AFTER DELETE ON t_approvals BEGIN
  UPDATE t_approval_counts SET n = n - 1 WHERE tenant_id = OLD.tenant_id AND status = OLD.status;
END;
CREATE TRIGGER approvals_count_update AFTER UPDATE OF status ON t_approvals
WHEN NEW.status <> OLD.status BEGIN
  UPDATE t_approval_counts SET n = n - 1 WHERE tenant_id = OLD.tenant_id AND status = OLD.status;
  INSERT INTO t_approval_counts (tenant_id, status, n) VALUES (NEW.tenant_id, NEW.status, 1)
    ON CONFLICT (tenant_id, status) DO UPDATE SET n = n + 1;
END;

-- Rows of each other relation, for totals and quotas; leads are counted by status.
CREATE TABLE t_row_counts (
  tenant_id TEXT NOT NULL,
  relation TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, relation)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER row_counts_end AFTER UPDATE ON t_row_counts WHEN NEW.n = 0 BEGIN
  DELETE FROM t_row_counts WHERE tenant_id = NEW.tenant_id AND relation = NEW.relation;
END;
CREATE TRIGGER agents_rows_insert AFTER INSERT ON t_agents BEGIN
  INSERT INTO t_row_counts VALUES (NEW.tenant_id, 'agents', 1)
    ON CONFLICT (tenant_id, relation) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER agents_rows_delete AFTER DELETE ON t_agents BEGIN
  UPDATE t_row_counts SET n = n - 1 WHERE tenant_id = OLD.tenant_id AND relation = 'agents';
END;
CREATE TRIGGER events_rows_insert AFTER INSERT ON t_events BEGIN
  INSERT INTO t_row_counts VALUES (NEW.tenant_id, 'events', 1)
    ON CONFLICT (tenant_id, relation) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER events_rows_delete AFTER DELETE ON t_events BEGIN
  UPDATE t_row_counts SET n = n - 1 WHERE tenant_id = OLD.tenant_id AND relation = 'events';
END;
CREATE TRIGGER contacts_rows_insert AFTER INSERT ON t_contacts BEGIN
  INSERT INTO t_row_counts VALUES (NEW.tenant_id, 'contacts', 1)
    ON CONFLICT (tenant_id, relation) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER contacts_rows_delete AFTER DELETE ON t_contacts BEGIN
  UPDATE t_row_counts SET n = n - 1 WHERE tenant_id = OLD.tenant_id AND relation = 'contacts';
END;
CREATE TRIGGER icp_profiles_rows_insert AFTER INSERT ON t_icp_profiles BEGIN
  INSERT INTO t_row_counts VALUES (NEW.tenant_id, 'icp_profiles', 1)
    ON CONFLICT (tenant_id, relation) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER icp_profiles_rows_delete AFTER DELETE ON t_icp_profiles BEGIN
  UPDATE t_row_counts SET n = n - 1 WHERE tenant_id = OLD.tenant_id AND relation = 'icp_profiles';
END;
CREATE TRIGGER identities_rows_insert AFTER INSERT ON t_identities BEGIN
  INSERT INTO t_row_counts VALUES (NEW.tenant_id, 'identities', 1)
    ON CONFLICT (tenant_id, relation) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER identities_rows_delete AFTER DELETE ON t_identities BEGIN
  UPDATE t_row_counts SET n = n - 1 WHERE tenant_id = OLD.tenant_id AND relation = 'identities';
END;
CREATE TRIGGER approvals_rows_insert AFTER INSERT ON t_approvals BEGIN
  INSERT INTO t_row_counts VALUES (NEW.tenant_id, 'approvals', 1)
    ON CONFLICT (tenant_id, relation) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER approvals_rows_delete AFTER DELETE ON t_approvals BEGIN
  UPDATE t_row_counts SET n = n - 1 WHERE tenant_id = OLD.tenant_id AND relation = 'approvals';
END;
INSERT INTO t_row_counts SELECT tenant_id, 'agents', count(*) FROM t_agents GROUP BY 1;
INSERT INTO t_row_counts SELECT tenant_id, 'events', count(*) FROM t_events GROUP BY 1;

-- The platform's own. A key without tenant is an operator's.
CREATE TABLE api_keys (
  id TEXT NOT NULL PRIMARY KEY,
  tenant_id TEXT REFERENCES tenants (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin', 'owner', 'platform')),
  prefix TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  last_used_at INTEGER,
  CHECK ((role = 'platform') = (tenant_id IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX idx_api_keys_tenant_id ON api_keys (tenant_id);

-- A tenant's data key, wrapped by the master key of that id.
CREATE TABLE tenant_keys (
  tenant_id TEXT NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
  master_id TEXT NOT NULL,
  wrapped TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idx_tenant_keys_master_id ON tenant_keys (master_id);

-- The master key that all of them are wrapped by, so that none is ever wrapped by one that a
-- rotation has just replaced.
CREATE TABLE master_key (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  id TEXT NOT NULL CHECK (length(id) = 16),
  since INTEGER NOT NULL
) STRICT;

-- Every act of administration, in its order. Only the deletion of a tenant takes its name out.
CREATE TABLE audit_log (
  seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  tenant_id TEXT,
  target TEXT,
  detail TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX idx_audit_log_tenant_id ON audit_log (tenant_id, seq);
)sql";

}  // namespace tenantry::schema
