#include "migrations/steps.hpp"

namespace tenantry::schema {

const std::string_view migration_4 = R"sql(
CREATE TABLE t_webhooks (
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  id TEXT NOT NULL,
  url TEXT NOT NULL,
  description TEXT,
  relations TEXT NOT NULL DEFAULT '[]',
  ops TEXT NOT NULL DEFAULT '[]',
  status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused')),
  secret TEXT,
  old_secret TEXT,
  old_secret_until INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE INDEX idx_webhooks_created_at ON t_webhooks (tenant_id, created_at DESC, id DESC);
CREATE TRIGGER webhooks_updated_at AFTER UPDATE ON t_webhooks
  WHEN NEW.updated_at <= OLD.updated_at BEGIN
  UPDATE t_webhooks SET updated_at = OLD.updated_at + 1
    WHERE tenant_id = NEW.tenant_id AND id = NEW.id;
END;

CREATE TABLE t_feed_consumers (
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  id TEXT NOT NULL,
  version TEXT NOT NULL,
  epoch TEXT,
  seq INTEGER NOT NULL,
  message_end INTEGER,
  failures INTEGER NOT NULL,
  due_at INTEGER,
  leased_by TEXT,
  leased_until INTEGER,
  delivered_at INTEGER,
  last_error TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, id)
) STRICT;

CREATE TABLE t_dead_letters (
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  id TEXT NOT NULL,
  consumer TEXT NOT NULL,
  message_id TEXT NOT NULL,
  message TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  last_error TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT dead_letters_consumer_fkey
    FOREIGN KEY (tenant_id, consumer) REFERENCES t_feed_consumers (tenant_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX idx_dead_letters_consumer
  ON t_dead_letters (tenant_id, consumer, created_at DESC, id DESC);
)sql";

}  // namespace tenantry::schema
