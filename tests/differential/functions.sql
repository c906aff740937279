-- Functions that both have, in the schema of that variable.

CREATE FUNCTION :"schema".lead_count() RETURNS bigint
LANGUAGE sql STABLE SET search_path = :"schema", pg_temp AS 'SELECT count(*) FROM leads';

CREATE FUNCTION :"schema".add_up(a integer, b integer DEFAULT 10) RETURNS integer
LANGUAGE sql IMMUTABLE SET search_path = :"schema", pg_temp AS 'SELECT a + b';

CREATE FUNCTION :"schema".total(VARIADIC numbers integer[]) RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = :"schema", pg_temp AS 'SELECT sum(n) FROM unnest(numbers) AS n';

CREATE FUNCTION :"schema".joined(gap text, VARIADIC parts text[]) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = :"schema", pg_temp AS 'SELECT array_to_string(parts, gap)';

CREATE FUNCTION :"schema".channels() RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = :"schema", pg_temp AS
'SELECT DISTINCT source FROM leads WHERE source IS NOT NULL ORDER BY source';

CREATE FUNCTION :"schema".days_from(day date, days integer) RETURNS SETOF date
LANGUAGE sql IMMUTABLE SET search_path = :"schema", pg_temp AS 'SELECT day + n FROM generate_series(1, days) AS n';

CREATE FUNCTION :"schema".leads_from(origin text) RETURNS SETOF :"schema".leads
LANGUAGE sql STABLE SET search_path = :"schema", pg_temp AS
'SELECT * FROM leads WHERE source = origin ORDER BY id DESC';

CREATE FUNCTION :"schema".one_lead(wanted uuid) RETURNS :"schema".leads
LANGUAGE sql STABLE SET search_path = :"schema", pg_temp AS 'SELECT * FROM leads WHERE id = wanted';

CREATE FUNCTION :"schema".by_status(lowest integer DEFAULT 1) RETURNS TABLE (status text, n bigint, best numeric)
LANGUAGE sql STABLE SET search_path = :"schema", pg_temp AS
'SELECT status, count(*), max(score) FROM leads GROUP BY 1 HAVING count(*) >= lowest ORDER BY 1';

CREATE FUNCTION :"schema".pair(a integer, OUT twice integer, OUT word text)
LANGUAGE sql IMMUTABLE SET search_path = :"schema", pg_temp AS 'SELECT 2 * a, ''n'' || a';

CREATE FUNCTION :"schema".with_point(lead uuid, points numeric) RETURNS SETOF :"schema".leads
LANGUAGE sql VOLATILE SET search_path = :"schema", pg_temp AS
'UPDATE leads SET score = points WHERE id = lead RETURNING *';

CREATE FUNCTION :"schema".forget_points(lead uuid) RETURNS void
LANGUAGE sql VOLATILE SET search_path = :"schema", pg_temp AS 'UPDATE leads SET score = NULL WHERE id = lead';

CREATE FUNCTION :"schema".dice() RETURNS integer
LANGUAGE sql VOLATILE SET search_path = :"schema", pg_temp AS 'SELECT 4';

CREATE FUNCTION :"schema".same(doc jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = :"schema", pg_temp AS 'SELECT doc';

CREATE FUNCTION :"schema".whole(jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = :"schema", pg_temp AS 'SELECT jsonb_build_object(''got'', $1)';

CREATE FUNCTION :"schema".area(side integer) RETURNS integer
LANGUAGE sql IMMUTABLE SET search_path = :"schema", pg_temp AS 'SELECT side * side';

CREATE FUNCTION :"schema".area(width integer, height integer) RETURNS integer
LANGUAGE sql IMMUTABLE SET search_path = :"schema", pg_temp AS 'SELECT width * height';

CREATE FUNCTION :"schema".twin(a integer) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = :"schema", pg_temp AS 'SELECT ''number''';

CREATE FUNCTION :"schema".twin(a text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = :"schema", pg_temp AS 'SELECT ''text''';

CREATE FUNCTION :"schema".words(list text[], day date DEFAULT NULL) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = :"schema", pg_temp AS 'SELECT list || day::text';

CREATE FUNCTION :"schema".complain(code text, about text) RETURNS integer
LANGUAGE plpgsql STABLE SET search_path = :"schema", pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'not so: %', about USING ERRCODE = code, DETAIL = 'more of it', HINT = 'do otherwise';
END $$;
