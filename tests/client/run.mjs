// Usage: node run.mjs TENANTRY WORK_FOLDER
//
// Makes a client of /openapi.json as a user would, and uses it: installs the locked packages, starts
// the server, validates the document, generates types, type-checks client.ts and runs it.

import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { prepare, run as runIn, withServer } from "./harness.mjs";

const [program, work] = process.argv.slice(2);
const source = dirname(fileURLToPath(import.meta.url));
const run = (command, ...parameters) => runIn(work, command, ...parameters);

async function document(url) {
    const answer = await fetch(`${url}/openapi.json`);
    assert.equal(answer.status, 200);
    const text = await answer.text();
    writeFileSync(join(work, "openapi.json"), text);
    const { Validator } = await import(
        pathToFileURL(join(work, "node_modules/@seriousme/openapi-schema-validator/index.js"))
    );
    const validator = new Validator();
    const { valid, errors } = await validator.validate(JSON.parse(text));
    assert(valid, JSON.stringify(errors, null, 2));
    assert.equal(validator.version, "3.1");
}

prepare(source, work, ["tsconfig.json", "client.ts"]);
const folder = join(work, "data");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
const database = `sqlite:${join(folder, "client.db")}`;
const tenantry = (...parameters) => run(program, ...parameters, "--database", database);
tenantry("migrate");
tenantry("tenant", "create", "acme", "--name", "Acme");
const token = tenantry("token", "--tenant", "acme", "--user", "tester", "--role", "admin").trim();

await withServer(program, database, async (url) => {
    await document(url);
    run(join(work, "node_modules/.bin/openapi-typescript"), "openapi.json", "--output", "api.d.ts",
        // What has a default need not be sent, which this generator has to be told.
        "--default-non-nullable", "false");
    run(join(work, "node_modules/.bin/tsc"), "--project", ".");
    process.stdout.write(run(process.execPath, "out/client.js", url, token));
});
