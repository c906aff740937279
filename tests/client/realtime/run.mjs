// Usage: node run.mjs TENANTRY WORK_FOLDER [OWNER_URL]
//
// Uses the server as applications do, through Supabase's own realtime clients, unmodified: a current
// one and an older one. Installs the locked packages, starts the server and lets each do everything.
// The database is one of SQLite, or the empty one of PostgreSQL whose owner's URL is given.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare, run, withTwoTenants } from "../harness.mjs";

const [program, work, given] = process.argv.slice(2);
prepare(dirname(fileURLToPath(import.meta.url)), work, ["scenario.mjs"]);

await withTwoTenants(program, join(work, "data"), given, async (url, tokens) => {
    for (const client of ["realtime-current", "realtime-older"])
        process.stdout.write(run(work, process.execPath, "scenario.mjs", client, url, JSON.stringify(tokens)));
});
