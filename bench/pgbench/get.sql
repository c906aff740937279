-- One lead. Its id is computed as harness/postgres_data.py does when it loads it.
\set tenant random(1, :tenants)
\set key ((:tenant - 1) * :leads + random(0, :leads - 1)) * 1103515245 % 2147483647
SELECT "tenant_id", "id", "first_name", "last_name", "email", "phone", "property_address", "city", "province", "postal_code", "property_type", "price_range", "timeline", "source", "status", "assigned_agent", "score", "tags", "metadata", "last_contacted_at", "created_at", "updated_at" FROM "public"."leads" WHERE ("tenant_id" = lpad(:tenant, 4, 't00') AND "id" = lpad(:key, 32, '00000000000040008000000000000000')::uuid) ORDER BY "id" ASC LIMIT 1;
