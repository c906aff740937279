// Usage: node run.mjs TENANTRY WORK_FOLDER [DATABASE_URL]
//
// Uses the server as applications do, through Supabase's own realtime clients, unmodified: a current
// one and an older one. Installs the locked packages, starts the server and lets each do everything.
// Without a database's URL it makes one of SQLite; one that is given has to be empty.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const [program, work, given] = process.argv.slice(2);
const source = dirname(fileURLToPath(import.meta.url));

function run(command, ...parameters) {
    return execFileSync(command, parameters, { cwd: work, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

/** Copies what the clients are made of; the packages are installed anew only when their lock changes. */
function prepare() {
    mkdirSync(work, { recursive: true });
    const lock = readFileSync(join(source, "package-lock.json"));
    const installed = join(work, "node_modules", ".installed");
    const current = existsSync(installed) && readFileSync(installed).equals(lock);
    for (const file of ["package.json", "package-lock.json", "scenario.mjs"]) copyFileSync(join(source, file), join(work, file));
    if (current) return;
    run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
    writeFileSync(installed, lock);
}

/** The server's address, when it listens. */
async function address(server) {
    for await (const line of createInterface({ input: server.stdout })) {
        const found = /^Listening on (http:\S+)$/.exec(line);
        if (found) return found[1];
    }
    throw new Error("the server ended before it listened");
}

prepare();
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

const server = spawn(program, ["serve", "--listen", "127.0.0.1:0", "--database", database], {
    stdio: ["ignore", "pipe", "inherit"],
});
const ended = new Promise((resolve) => server.once("exit", (code) => resolve(code)));
try {
    const url = await address(server);
    for (const client of ["realtime-current", "realtime-older"])
        process.stdout.write(run(process.execPath, "scenario.mjs", client, url, JSON.stringify(tokens)));
} finally {
    server.kill("SIGTERM");
}
assert.equal(await ended, 0);
