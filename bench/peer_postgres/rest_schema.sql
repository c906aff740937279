-- Of --rest: what the tables need to be served to PostgREST's clients, and what is embedded. A row that
-- doesn't say whose it is belongs to the token's tenant, as one would set it up.

ALTER TABLE leads
  ALTER tenant_id SET DEFAULT current_setting('request.jwt.claims', true)::json ->> 'tenant_id',
  ALTER id SET DEFAULT gen_random_uuid(),
  ALTER created_at SET DEFAULT now(),
  ALTER updated_at SET DEFAULT now();

CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END $$;
CREATE TRIGGER leads_updated_at BEFORE UPDATE ON leads FOR EACH ROW EXECUTE FUNCTION touch();

CREATE TABLE events (
  tenant_id text COLLATE "C" NOT NULL,
  id uuid NOT NULL,
  lead_id uuid,
  agent_id uuid,
  type text NOT NULL,
  source text,
  content text,
  data jsonb NOT NULL DEFAULT '{}',
  direction text,
  "timestamp" timestamptz NOT NULL,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

CREATE TABLE approvals (
  tenant_id text COLLATE "C" NOT NULL,
  id uuid NOT NULL,
  lead_id uuid NOT NULL,
  type text NOT NULL,
  channel text,
  subject text,
  content text,
  status text NOT NULL DEFAULT 'pending',
  ai_score numeric(3, 2),
  reviewed_by text,
  reviewed_at timestamptz,
  rejection_reason text,
  sent_at timestamptz,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
