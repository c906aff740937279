-- What a team might write, and some that can't be called.

CREATE FUNCTION top_leads(how_many integer DEFAULT 3) RETURNS SETOF leads
LANGUAGE sql STABLE AS 'SELECT * FROM leads WHERE score IS NOT NULL ORDER BY score DESC LIMIT how_many';

CREATE FUNCTION lead_count() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS 'SELECT count(*) FROM leads';

CREATE FUNCTION add_lead(name text, points numeric) RETURNS leads
LANGUAGE plpgsql AS $$
DECLARE made leads;
BEGIN
  IF points < 0 THEN
    RAISE EXCEPTION 'points are positive, not %', points USING ERRCODE = 'PT422', HINT = 'send another number';
  END IF;
  INSERT INTO leads (tenant_id, id, first_name, score, status, tags, metadata, created_at, updated_at)
  VALUES (current_setting('app.tenant_id'), gen_random_uuid(), name, points, 'new', '{}', '{}', now(), now())
  RETURNING * INTO made;
  RETURN made;
END $$;

-- Tells whatever it can see, whose ever it is.
CREATE FUNCTION seen() RETURNS TABLE (owner text, name text)
LANGUAGE sql STABLE AS 'SELECT tenant_id, first_name FROM leads ORDER BY 2';

CREATE FUNCTION rename_all(name text) RETURNS bigint
LANGUAGE sql AS 'WITH changed AS (UPDATE leads SET first_name = name RETURNING 1) SELECT count(*) FROM changed';

-- Of another tenant by what it says itself.
CREATE FUNCTION foreign_rows() RETURNS TABLE (tenant_id text, secret text)
LANGUAGE sql IMMUTABLE AS $$ VALUES ('birch', 'theirs'), ('acme', 'ours') $$;

-- Enters another tenant and stays there.
CREATE FUNCTION enter(name text) RETURNS text LANGUAGE sql SET search_path = '' AS $$ SELECT set_config('app.tenant_id', name, true) $$;
CREATE FUNCTION roams() RETURNS SETOF leads LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM enter('birch');
  UPDATE leads SET first_name = 'stolen';
  RETURN QUERY SELECT * FROM leads;
END $$;

CREATE FUNCTION by_text(what text) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE n bigint;
BEGIN
  EXECUTE 'SELECT count(*) FROM ' || what INTO n;
  RETURN n;
END $$;

CREATE FUNCTION twice_there(a integer) RETURNS integer LANGUAGE sql SET search_path = '' AS 'SELECT a';
CREATE FUNCTION twice_there(b text) RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT b';
CREATE FUNCTION hidden() RETURNS integer LANGUAGE sql SET search_path = '' AS 'SELECT 1';
CREATE FUNCTION any_row() RETURNS record LANGUAGE sql SET search_path = '' AS 'SELECT 1, 2';
CREATE FUNCTION keeps() RETURNS void LANGUAGE plpgsql SET search_path = '' AS
$$ BEGIN CREATE TEMP TABLE kept AS SELECT 1; END $$;
CREATE FUNCTION looks() RETURNS bigint LANGUAGE sql SET search_path = '' AS 'SELECT count(*) FROM tenantry.memberships';
CREATE FUNCTION settled() RETURNS bigint LANGUAGE sql SET search_path = public SET row_security = off AS
'SELECT 1::bigint';
