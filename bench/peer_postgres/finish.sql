-- After the load: keys, indexes, and who may see what.

ALTER TABLE leads ADD PRIMARY KEY (tenant_id, id), ADD UNIQUE (tenant_id, email),
  ADD FOREIGN KEY (tenant_id) REFERENCES tenants (id) NOT VALID;
-- Newest first, whole and by status; the second also answers "how many" without the table.
CREATE INDEX leads_newest ON leads (tenant_id, created_at DESC, id DESC);
CREATE INDEX leads_status_newest ON leads (tenant_id, status, created_at DESC, id DESC);
CREATE INDEX leads_source ON leads (tenant_id, source);
CREATE INDEX leads_agent ON leads (tenant_id, assigned_agent) WHERE assigned_agent IS NOT NULL;

ALTER TABLE leads ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY of_setting ON leads TO peer_rls
  USING (tenant_id = (SELECT current_setting('app.tenant_id', true)))
  WITH CHECK (tenant_id = (SELECT current_setting('app.tenant_id', true)));
CREATE POLICY of_token ON leads TO operator
  USING (tenant_id = (SELECT current_setting('request.jwt.claims', true)::json ->> 'tenant_id'));

GRANT SELECT, INSERT, UPDATE, DELETE ON leads TO peer_bare, peer_rls;
GRANT SELECT ON tenants, users, memberships TO peer_bare, peer_rls;
GRANT SELECT ON leads TO operator;
