-- The peers' tables: the same columns and rules as Tenantry's leads. Keys, indexes and policies come when
-- the rows are there (finish.sql).

CREATE TABLE tenants (
  id text COLLATE "C" PRIMARY KEY,
  name text NOT NULL,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'deleting')),
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE users (id uuid PRIMARY KEY, email text COLLATE "C" NOT NULL UNIQUE);

CREATE TABLE memberships (
  user_id uuid NOT NULL REFERENCES users (id),
  tenant_id text COLLATE "C" NOT NULL REFERENCES tenants (id),
  role text NOT NULL CHECK (role IN ('owner', 'admin', 'operator', 'viewer')),
  PRIMARY KEY (user_id, tenant_id)
);

CREATE TABLE leads (
  tenant_id text COLLATE "C" NOT NULL,
  id uuid NOT NULL,
  first_name text,
  last_name text,
  email text COLLATE "C",
  phone text,
  property_address text,
  city text,
  province text,
  postal_code text,
  property_type text,
  price_range text,
  timeline text,
  source text,
  status text COLLATE "C" NOT NULL DEFAULT 'new'
    CHECK (status IN ('new', 'contacted', 'qualified', 'converted', 'closed')),
  assigned_agent uuid,
  score numeric(5, 2),
  tags text[] NOT NULL DEFAULT '{}',
  metadata jsonb NOT NULL DEFAULT '{}',
  last_contacted_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
