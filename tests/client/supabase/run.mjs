// Usage: node run.mjs TENANTRY WORK_FOLDER [OWNER_URL]
//
// Uses the server's rows as front ends do, through Supabase's client, a current and an older one, and
// Neon's, all unmodified. Each gets a server and a database of its own: of SQLite, or for the first
// alone the empty one of PostgreSQL whose owner's URL is given.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare, run, withTwoTenants } from "../harness.mjs";

const [program, work, given] = process.argv.slice(2);
prepare(dirname(fileURLToPath(import.meta.url)), work, ["scenario.mjs", "clients.mjs"]);

for (const client of given ? ["supabase-current"] : ["supabase-current", "supabase-older", "neon"])
    await withTwoTenants(program, join(work, "data"), given, async (url, tokens) => {
        process.stdout.write(run(work, process.execPath, "scenario.mjs", client, url, JSON.stringify(tokens)));
    });
