-- Tables as a team adds them to its own database, before it has thought of tenants' isolation.

CREATE TYPE mood AS ENUM ('calm', 'keen');

CREATE TABLE projects (
    id bigint GENERATED ALWAYS AS IDENTITY,
    tenant_id varchar(255) NOT NULL,
    name text NOT NULL,
    feeling mood NOT NULL DEFAULT 'calm',
    starts date,
    period daterange,
    budget numeric(12, 2),
    ratio double precision,
    scores int[] NOT NULL DEFAULT '{}',
    settings jsonb NOT NULL DEFAULT '{}',
    due timestamptz NOT NULL DEFAULT '2026-01-06 08:30+00',
    words tsvector GENERATED ALWAYS AS (to_tsvector('simple', name)) STORED,
    lead_id uuid,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, name),
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id)
);

CREATE TABLE labels (
    tenant_id text NOT NULL,
    slug text NOT NULL,
    color text,
    PRIMARY KEY (tenant_id, slug)
);

CREATE TABLE project_labels (
    tenant_id text NOT NULL,
    project_id bigint NOT NULL,
    slug text NOT NULL,
    note text,
    PRIMARY KEY (tenant_id, project_id, slug),
    CONSTRAINT on_project FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id),
    FOREIGN KEY (tenant_id, slug) REFERENCES labels (tenant_id, slug)
);

-- A key that another tenant's row could hold, and one that could lead to it.
CREATE TABLE loose (
    id uuid PRIMARY KEY,
    tenant_id text NOT NULL,
    label text
);

CREATE TABLE countries (code text PRIMARY KEY);

-- Views run with their owner's rights unless they are told not to.
CREATE VIEW keen_projects AS SELECT id, name, budget, tenant_id FROM projects WHERE feeling = 'keen';
CREATE VIEW keen_counts WITH (security_invoker) AS SELECT tenant_id, count(*) AS n FROM keen_projects GROUP BY tenant_id;
CREATE VIEW loose_labels WITH (security_invoker = on) AS SELECT tenant_id, label FROM loose;
CREATE MATERIALIZED VIEW all_projects AS SELECT tenant_id, name FROM projects;
