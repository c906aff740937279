// Usage: node run.mjs TENANTRY WORK_FOLDER OWNER_URL
//
// A team's own functions in the same PostgreSQL database, whose owner's URL is given: those that the
// configuration names can be called, once they have been mended by what the program says they lack.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { psql, run, withServer } from "../harness.mjs";
import { ownDatabase } from "../own_database.mjs";

const [program, work, owner] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const { folder, database, sql, tenantry, check } = ownDatabase({
    program, work, owner, kind: "function", supabase: join(here, "../supabase"), scenario: join(here, "scenario.mjs"),
});

sql(readFileSync(join(here, "functions.sql"), "utf8"));
const tokens = Object.fromEntries(["acme", "birch", "viewer"].map((name) => {
    const [tenant, role] = name === "viewer" ? ["acme", "viewer"] : [name, "admin"];
    if (role === "admin") tenantry("tenant", "create", tenant, "--name", tenant);
    return [name, tenantry("token", "--tenant", tenant, "--user", name, "--role", role).trim()];
}));

// Each for a reason of its own; of the first, the SQL that mends it is told, and is enough.
const unfit = {
    lead_count: "public.lead_count() runs as its owner, whom row-level security holds to no tenant",
    enter: "public.enter(text) changes settings; the tenant is one of them",
    by_text: "public.by_text(text) runs statements that are made of text, which could enter another tenant",
    twice_there: "public.twice_there(text) runs as its owner, whom row-level security holds to no tenant",
    any_row: "public.any_row() takes or returns a type that isn't settled, such as record or anyelement",
    keeps: "public.keeps() makes temporary tables, which other tenants' requests could see",
    looks: "public.looks() names the server's own schema tenantry",
    settled: "public.settled() sets row_security",
    nothing: "there is no function nothing in the schema public",
};
for (const [name, problem] of Object.entries(unfit)) assert.equal(check(name)[0].problem, problem);
const good = ["top_leads", "lead_count", "add_lead", "seen", "rename_all", "foreign_rows"];
for (const name of good) {
    for (const { mend } of check(name)) sql(mend);
    assert.deepEqual(check(name), []);
}
sql("REVOKE EXECUTE ON FUNCTION top_leads FROM PUBLIC");
const [right] = check("top_leads");
assert.match(right.mend, /^GRANT EXECUTE ON FUNCTION public.top_leads\(integer\) TO \w+$/);
sql(right.mend);

// What no text shows is found out when it happens.
assert.deepEqual(check("roams"), []);
const functions = [...good, "roams", "by_text", "nothing"].join();
assert.deepEqual(JSON.parse(tenantry("function", "list", "--functions", functions, "--json")).map(({ fit }) => fit),
    [true, true, true, true, true, true, true, false, false]);
const wrong = spawnSync(program, ["serve", "--functions", "a,,b", "--database", database], { cwd: folder, encoding: "utf8" });
assert.equal(wrong.status, 2);
assert.match(wrong.stderr, /functions are named as in the database's schema public, with commas between/);

await withServer(program, database, async (url, signal) => {
    process.stdout.write(run(work, process.execPath, "scenario.mjs", url, JSON.stringify(tokens)));
    // A running server looks again when it is told to.
    const status = async () => (await fetch(`${url}/rest/v1/rpc/lead_count`, { headers: { authorization: `Bearer ${tokens.acme}` } })).status;
    assert.equal(await status(), 200);
    sql("ALTER FUNCTION lead_count() SECURITY DEFINER");
    signal("SIGHUP");
    while ((await status()) !== 404);
}, folder, { TENANTRY_FUNCTIONS: functions });

const names = psql(folder, database, "--tuples-only", "--no-align", "--command",
    "SET app.tenant_id = 'birch'; SELECT string_agg(first_name, ',' ORDER BY first_name) FROM leads");
assert.equal(names.trim().split("\n").at(-1), "Bea,Bob");
