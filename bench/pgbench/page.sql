-- Twenty leads of a status, newest first, whether there are more, and how many there are.
\set tenant random(1, :tenants)
\set status random(1, 5)
SELECT "tenant_id", "id", "first_name", "last_name", "email", "phone", "property_address", "city", "province", "postal_code", "property_type", "price_range", "timeline", "source", "status", "assigned_agent", "score", "tags", "metadata", "last_contacted_at", "created_at", "updated_at" FROM "public"."leads" WHERE ("tenant_id" = lpad(:tenant, 4, 't00') AND "status" = ('{new,contacted,qualified,converted,closed}'::text[])[:status]) ORDER BY "created_at" DESC, "id" DESC LIMIT 21;
SELECT coalesce(sum("n"), 0)::bigint FROM "tenantry"."lead_counts" WHERE ("tenant_id" = lpad(:tenant, 4, 't00') AND "status" = ('{new,contacted,qualified,converted,closed}'::text[])[:status]);
