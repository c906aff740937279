// Usage: node run.mjs TENANTRY WORK_FOLDER [OWNER_URL]
//
// Uses the server as front ends do, through Supabase's client, a current and an older one, and
// Neon's, all unmodified: its rows, and the two of Supabase's to sign in as well. Each gets a server
// and a database of its own: of SQLite, or for the first alone the empty one of PostgreSQL whose
// owner's URL is given.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare, receiveMail, run, withTwoTenants } from "../harness.mjs";

const [program, work, given] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
prepare(here, work, ["scenario.mjs", "accounts.mjs", "clients.mjs"]);
const play = (script, ...parameters) => process.stdout.write(run(work, process.execPath, script, ...parameters));

/** A publishable and a secret key of each tenant. */
function keysOf(tenantry) {
    const key = (tenant, ...more) => tenantry("key", "create", "--tenant", tenant, "--name", "tests", ...more).trim();
    return Object.fromEntries(["acme", "birch"].map((tenant) => [tenant, {
        publishable: key(tenant, "--kind", "publishable"),
        secret: key(tenant, "--kind", "secret", "--role", "admin"),
    }]));
}

for (const client of given ? ["supabase-current"] : ["supabase-current", "supabase-older", "neon"]) {
    const mail = await receiveMail(join(here, "../../mail/server.py"), join(work, "mail"));
    let keys;
    const before = (tenantry) => {
        if (client === "neon") return {};
        keys = { ...keysOf(tenantry), issuer: "https://api.example" };
        tenantry("tenant", "sign-up", "acme", "--allow", "acme.example", "--role", "operator");
        tenantry("signing-key", "rotate");
        return {
            TENANTRY_PUBLIC_URL: keys.issuer,
            TENANTRY_SITE_URL: "https://app.example/welcome",
            TENANTRY_SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
            TENANTRY_SMTP_FROM: "no-reply@app.example",
        };
    };
    await withTwoTenants(program, join(work, "data"), given, (url, tokens) => {
        if (keys) play("accounts.mjs", client, url, JSON.stringify(keys), join(work, "mail"));
        play("scenario.mjs", client, url, JSON.stringify(tokens));
    }, before);
    mail.end();
}
