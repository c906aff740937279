// Usage: node run.mjs TENANTRY WORK_FOLDER OWNER_URL
//
// A team's own tables in the same PostgreSQL database, whose owner's URL is given: they are served
// once they have been mended by what the program says they lack, also to a server that runs already.

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
    program, work, owner, kind: "relation", supabase: join(here, "../supabase"), scenario: join(here, "scenario.mjs"),
});

const listed = () => JSON.parse(tenantry("relation", "list", "--json")).filter(({ fit }) => !fit).map(({ name }) => name);

/** Does what the program says, as the owner. */
function mend(table) {
    for (const { mend } of check(table)) sql(mend);
    assert.deepEqual(check(table), []);
}

sql(readFileSync(join(here, "tables.sql"), "utf8"));
const tokens = Object.fromEntries(["acme", "birch"].map((tenant) => {
    tenantry("tenant", "create", tenant, "--name", tenant);
    return [tenant, tenantry("token", "--tenant", tenant, "--user", "tester", "--role", "admin").trim()];
}));
assert.deepEqual(listed(), ["all_projects", "keen_counts", "keen_projects", "labels", "loose", "loose_labels", "project_labels", "projects"], "a table without tenants, and without rights, is nobody's concern");
assert.deepEqual(check("leads"), []);
assert.equal(check("countries")[0].problem, "public.countries has no tenant_id");
assert(check("loose").some(({ problem }) => problem.startsWith("the unique index public.loose_pkey of public.loose has no tenant_id")));
const problems = (name) => check(name).map(({ problem }) => problem);
assert(problems("keen_counts").includes("public.keen_projects runs with its owner's rights"), "whatever a view reads is looked at");
assert(problems("keen_counts").includes("public.keen_counts reads public.projects, which doesn't keep tenants apart"));
assert(problems("loose_labels").includes("public.loose_labels reads public.loose, which doesn't keep tenants apart"));
assert.deepEqual(problems("all_projects"), ["public.all_projects is neither a table nor a view"]);
const missing = spawnSync(program, ["relation", "check", "nothing", "--database", database], { cwd: folder, encoding: "utf8" });
assert.deepEqual([missing.status, missing.stderr], [1, "tenantry: there is no table or view nothing in the schema public\n"]);

const status = async (url, table) =>
    (await fetch(`${url}/rest/v1/${table}?limit=1`, { headers: { authorization: `Bearer ${tokens.acme}` } })).status;

for (const table of ["labels", "projects", "keen_projects", "keen_counts"]) mend(table);
await withServer(program, database, async (url, signal) => {
    assert.deepEqual([await status(url, "projects"), await status(url, "project_labels")], [200, 404]);
    // A running server looks again when it is told to; what it finds unfit it serves no more.
    mend("project_labels");
    sql("ALTER TABLE labels DISABLE ROW LEVEL SECURITY");
    signal("SIGHUP");
    while ((await status(url, "project_labels")) !== 200 || (await status(url, "labels")) !== 404);
    mend("labels");
    signal("SIGHUP");
    while ((await status(url, "labels")) !== 200);
    process.stdout.write(run(work, process.execPath, "scenario.mjs", url, JSON.stringify(tokens)));
}, folder);

// A tenant's rows go with it, wherever they are; another's stay.
const receipt = JSON.parse(tenantry("tenant", "delete", "acme", "--yes-delete", "acme", "--json"));
const { labels, projects, project_labels } = receipt.rows;
assert.deepEqual({ labels, projects, project_labels }, { labels: 2, projects: 2, project_labels: 2 });
const left = psql(folder, owner, "--tuples-only", "--no-align", "--command",
    "SELECT tenant_id FROM projects UNION SELECT tenant_id FROM labels UNION SELECT tenant_id FROM project_labels");
assert.equal(left.trim(), "");
