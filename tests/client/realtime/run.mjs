// Usage: node run.mjs TENANTRY WORK_FOLDER [OWNER_URL]
//
// Uses the server as applications do, through Supabase's own realtime clients, unmodified: a current
// one and an older one. Installs the locked packages, starts the server and lets each do everything.
// The database is one of SQLite, or the empty one of PostgreSQL whose owner's URL is given.

import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare, run as runIn, withServer } from "../harness.mjs";

const [program, work, given] = process.argv.slice(2);
const source = dirname(fileURLToPath(import.meta.url));
const run = (command, ...parameters) => runIn(work, command, ...parameters);

/** Migrates the database; tells the URL to serve it with, which for PostgreSQL is another role's. */
function migrate(database) {
    const told = run(program, "migrate", "--database", database);
    if (!given) return database;
    const served = /^  TENANTRY_DATABASE='(postgres:.+)'$/m.exec(told);
    assert(served, told);
    return served[1];
}

prepare(source, work, ["scenario.mjs"]);
const folder = join(work, "data");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
const database = migrate(given ?? `sqlite:${join(folder, "client.db")}`);
const tenantry = (...parameters) => runIn(folder, program, ...parameters, "--database", database);
const tokens = {};
for (const tenant of ["acme", "birch"]) {
    tenantry("tenant", "create", tenant, "--name", tenant);
    tokens[tenant] = ["1h", "2h"].map((life) =>
        tenantry("token", "--tenant", tenant, "--user", "tester", "--role", "admin", "--expires", life).trim());
}

await withServer(program, database, async (url) => {
    for (const client of ["realtime-current", "realtime-older"])
        process.stdout.write(run(process.execPath, "scenario.mjs", client, url, JSON.stringify(tokens)));
}, folder);
