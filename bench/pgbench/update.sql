-- A lead's status and score.
\set tenant random(1, :tenants)
\set key ((:tenant - 1) * :leads + random(0, :leads - 1)) * 1103515245 % 2147483647
\set status random(1, 5)
\set score random(0, 99)
UPDATE "public"."leads" SET "status" = ('{new,contacted,qualified,converted,closed}'::text[])[:status], "score" = :score + 0.25, "updated_at" = greatest(clock_timestamp(), "leads"."updated_at" + interval '1 microsecond') WHERE ("tenant_id" = lpad(:tenant, 4, 't00') AND "id" = lpad(:key, 32, '00000000000040008000000000000000')::uuid) RETURNING "tenant_id", "id", "first_name", "last_name", "email", "phone", "property_address", "city", "province", "postal_code", "property_type", "price_range", "timeline", "source", "status", "assigned_agent", "score", "tags", "metadata", "last_contacted_at", "created_at", "updated_at";
