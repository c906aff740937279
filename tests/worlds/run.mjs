// Usage: node run.mjs TENANTRY WORK_FOLDER [OWNER_URL]
//
// Two servers, each with a database of its own, alike but for one thing: in the second the tenant
// birch has rows, as like to acme's as can be. acme sends the same drawn requests of /rest/v1 to both;
// the answers must be the same to the byte, and birch's rows what they were. The databases are of
// SQLite, or the two of PostgreSQL that on_postgres.py has made. SEED chooses other requests, REQUESTS
// how many.

import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { psql, withTwoTenants } from "../client/harness.mjs";
import { functions } from "../differential/calls.mjs";
import { compare } from "./compare.mjs";

const [program, work, given] = process.argv.slice(2);
const databases = given ? [given, given.replace("/crm?", "/crm_beside?")] : [undefined, undefined];

/** Makes the functions that are called; the settings with which they are served. */
function withFunctions(database) {
    const script = join(dirname(fileURLToPath(import.meta.url)), "../differential/functions.sql");
    psql(work, database, "--set", "schema=public", "--file", script);
    return { TENANTRY_FUNCTIONS: functions.join() };
}

/** Does `use(url, tokens)` with one world's server. */
function world(name, database, use) {
    const folder = join(work, name);
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    return withTwoTenants(program, folder, database, use, () => (database ? withFunctions(database) : {}));
}

mkdirSync(work, { recursive: true });
await world("without", databases[0], (url, tokens) =>
    world("with", databases[1], (otherUrl, otherTokens) =>
        compare([[url, tokens], [otherUrl, otherTokens]].map(([base, { acme, birch }]) =>
            ({ url: `${base}/rest/v1`, token: acme[0], stranger: birch[0] })))));
