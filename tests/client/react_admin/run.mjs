// Usage: node run.mjs TENANTRY WORK_FOLDER [OWNER_URL]
//
// Uses the server's rows as an administrator's pages do, through react-admin's data provider for
// PostgREST, unmodified. The database is one of SQLite, or the empty one of PostgreSQL whose owner's
// URL is given.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare, run, withTwoTenants } from "../harness.mjs";

const [program, work, given] = process.argv.slice(2);
prepare(dirname(fileURLToPath(import.meta.url)), work, ["scenario.mjs", "strangers.mjs", "providers.mjs"]);

await withTwoTenants(program, join(work, "data"), given, (url, tokens) => {
    for (const script of ["scenario.mjs", "strangers.mjs"])
        process.stdout.write(run(work, process.execPath, script, url, JSON.stringify(tokens)));
});
