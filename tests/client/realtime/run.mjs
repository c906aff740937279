// Usage: node run.mjs TENANTRY WORK_FOLDER [DATABASE_URL]
//
// Uses the server as applications do, through Supabase's own realtime clients, unmodified: a current
// one and an older one. Installs the locked packages, starts the server and lets each do everything.
// Without a database's URL it makes one of SQLite; one that is given has to be empty.

import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare, run as runIn, withServer } from "../harness.mjs";

const [program, work, given] = process.argv.slice(2);
const source = dirname(fileURLToPath(import.meta.url));
const run = (command, ...parameters) => runIn(work, command, ...parameters);

prepare(source, work, ["scenario.mjs"]);
const folder = join(work, "data");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
const database = given ?? `sqlite:${join(folder, "client.db")}`;
const tenantry = (...parameters) => run(program, ...parameters, "--database", database);
tenantry("migrate");
const tokens = {};
for (const tenant of ["acme", "birch"]) {
    tenantry("tenant", "create", tenant, "--name", tenant);
    tokens[tenant] = ["1h", "2h"].map((life) =>
        tenantry("token", "--tenant", tenant, "--user", "tester", "--role", "admin", "--expires", life).trim());
}

await withServer(program, database, async (url) => {
    for (const client of ["realtime-current", "realtime-older"])
        process.stdout.write(run(process.execPath, "scenario.mjs", client, url, JSON.stringify(tokens)));
});
