-- After the load of --rest: keys and indexes as Tenantry's tables have them, and whose rows a token may
-- see and write. PostgREST finds by the foreign keys what can be embedded.

ALTER TABLE events ADD PRIMARY KEY (tenant_id, id),
  ADD FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE CASCADE;
CREATE INDEX events_lead ON events (tenant_id, lead_id, "timestamp" DESC, id DESC);
CREATE INDEX events_newest ON events (tenant_id, "timestamp" DESC, id DESC);

ALTER TABLE approvals ADD PRIMARY KEY (tenant_id, id),
  ADD FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE CASCADE;
CREATE INDEX approvals_lead ON approvals (tenant_id, lead_id, created_at DESC, id DESC);
CREATE INDEX approvals_newest ON approvals (tenant_id, created_at DESC, id DESC);
CREATE INDEX approvals_status ON approvals (tenant_id, status, created_at DESC, id DESC);

-- As the policy on leads (finish.sql), which holds for what is written as well.
ALTER TABLE events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY of_token ON events TO operator
  USING (tenant_id = (SELECT current_setting('request.jwt.claims', true)::json ->> 'tenant_id'));
ALTER TABLE approvals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY of_token ON approvals TO operator
  USING (tenant_id = (SELECT current_setting('request.jwt.claims', true)::json ->> 'tenant_id'));

GRANT SELECT, INSERT, UPDATE ON leads TO operator;
GRANT SELECT ON events, approvals TO operator;
