// What a team has added to the database that the server works on, as its owner and the program see it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { migrate, prepare, psql, run } from "./harness.mjs";

/**
 * The empty database of that owner, migrated. `scenario` is a file for Supabase's clients, which are
 * installed in `work`; `kind` is what the program checks: relation or function.
 */
export function ownDatabase({ program, work, owner, supabase, scenario, kind }) {
    const folder = join(work, "data");
    prepare(supabase, work, ["clients.mjs"]);
    writeFileSync(join(work, "scenario.mjs"), readFileSync(scenario));
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const database = migrate(folder, program, owner);
    return {
        folder,
        database,
        sql: (text) => psql(folder, owner, "--command", text),
        tenantry: (...words) => run(folder, program, ...words, "--database", database),
        /** What the program says that it lacks. */
        check(name) {
            const { status, stdout, stderr } = spawnSync(
                program, [kind, "check", name, "--json", "--database", database], { cwd: folder, encoding: "utf8" });
            assert.equal(stderr, "");
            const told = JSON.parse(stdout);
            assert.equal(status, told.fit ? 0 : 1);
            return told.lacks;
        },
    };
}
