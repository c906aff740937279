"""What --rest has besides leads: of each lead two events and an approval, in Tenantry's schema and in
the peer's alike. Their ids follow from the lead's, so both databases hold the same rows."""

EVENTS, APPROVALS = 2, 1  # of each lead; the load generator counts on it (workload_rest.cpp)


def related_sql():
    """SQL that makes them of the leads that are there."""
    def number_of(n):  # a lead's id begins with eight zeros (postgres_data.py)
        return f"(lpad({n}::text, 8, '0') || substr(id::text, 9))::uuid"
    marker = "jsonb_build_object('marker', 'tenant=' || tenant_id, 'minutes', 4)"
    return f"""INSERT INTO public.events (tenant_id, id, lead_id, type, source, content, data, direction,
    "timestamp", created_at, updated_at)
  SELECT tenant_id, {number_of("n")}, id, 'call', 'crm', 'Wants to see it on Saturday, after ten.',
         {marker}, 'in', created_at + n * interval '1 hour', created_at, created_at
  FROM public.leads CROSS JOIN generate_series(1, {EVENTS}) n ORDER BY created_at, n;
INSERT INTO public.approvals (tenant_id, id, lead_id, type, channel, subject, content, ai_score, metadata,
    created_at, updated_at)
  SELECT tenant_id, {number_of("n")}, id, 'email', 'email', 'Two homes by the lake',
         'Both are within your range, and may be seen this week.', 0.83, {marker}, created_at, created_at
  FROM public.leads CROSS JOIN generate_series(1, {APPROVALS}) n ORDER BY created_at, n;"""
