-- The relations that are compared, as PostgREST would serve them: one tenant's, without any other.
CREATE SCHEMA peer;
SET search_path = peer;

CREATE TABLE agents (
    tenant_id varchar(255) NOT NULL DEFAULT 'acme',
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL,
    email text NOT NULL,
    phone text, license_number text, brokerage text,
    specialties text[] NOT NULL DEFAULT '{}',
    active_leads bigint NOT NULL DEFAULT 0,
    conversion_rate numeric(5,2) NOT NULL DEFAULT 0,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive')),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT agents_email_key UNIQUE (email)
);

CREATE TABLE leads (
    tenant_id varchar(255) NOT NULL DEFAULT 'acme',
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    first_name text NOT NULL,
    last_name text, email text, phone text, property_address text, city text, province text,
    postal_code text, property_type text, price_range text, timeline text, source text,
    status text NOT NULL DEFAULT 'new'
        CHECK (status IN ('new', 'contacted', 'qualified', 'converted', 'closed')),
    assigned_agent uuid CONSTRAINT leads_assigned_agent_fkey REFERENCES agents ON DELETE SET NULL,
    score numeric(5,2),
    tags text[] NOT NULL DEFAULT '{}',
    metadata jsonb NOT NULL DEFAULT '{}',
    last_contacted_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT leads_email_key UNIQUE (email)
);

CREATE TABLE contacts (
    tenant_id varchar(255) NOT NULL DEFAULT 'acme',
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    lead_id uuid CONSTRAINT contacts_lead_id_fkey REFERENCES leads ON DELETE CASCADE,
    channel text NOT NULL,
    identifier text NOT NULL,
    display_name text,
    verified boolean NOT NULL DEFAULT false,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT contacts_channel_identifier_key UNIQUE (channel, identifier)
);

-- As in Tenantry, what a row is merged with doesn't change its id.
CREATE FUNCTION keep_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.id = OLD.id;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_id BEFORE UPDATE ON agents FOR EACH ROW EXECUTE FUNCTION keep_id();
CREATE TRIGGER keep_id BEFORE UPDATE ON leads FOR EACH ROW EXECUTE FUNCTION keep_id();
CREATE TRIGGER keep_id BEFORE UPDATE ON contacts FOR EACH ROW EXECUTE FUNCTION keep_id();
