// Usage: node run.mjs TENANTRY WORK_FOLDER
//
// Makes a client of /openapi.json as a user would, and uses it: installs the locked packages, starts
// the server, validates the document, generates types, type-checks client.ts and runs it.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

const [program, work] = process.argv.slice(2);
const source = dirname(fileURLToPath(import.meta.url));

function run(command, ...parameters) {
    try {
        return execFileSync(command, parameters, { cwd: work, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
    } catch (failure) {
        process.stderr.write(failure.stdout ?? "");
        throw new Error(`${command} failed`);
    }
}

/** Copies what the client is made of; the packages are installed anew only when their lock changes. */
function prepare() {
    mkdirSync(work, { recursive: true });
    const lock = readFileSync(join(source, "package-lock.json"));
    const installed = join(work, "node_modules", ".installed");
    const current = existsSync(installed) && readFileSync(installed).equals(lock);
    for (const file of ["package.json", "package-lock.json", "tsconfig.json", "client.ts"]) {
        copyFileSync(join(source, file), join(work, file));
    }
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

prepare();
const folder = join(work, "data");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
const database = `sqlite:${join(folder, "client.db")}`;
const tenantry = (...parameters) => run(program, ...parameters, "--database", database);
tenantry("migrate");
tenantry("tenant", "create", "acme", "--name", "Acme");
const token = tenantry("token", "--tenant", "acme", "--user", "tester", "--role", "admin").trim();

const server = spawn(program, ["serve", "--listen", "127.0.0.1:0", "--database", database], {
    stdio: ["ignore", "pipe", "inherit"],
});
const ended = new Promise((resolve) => server.once("exit", (code) => resolve(code)));
try {
    const url = await address(server);
    await document(url);
    run(join(work, "node_modules/.bin/openapi-typescript"), "openapi.json", "--output", "api.d.ts",
        // What has a default need not be sent, which this generator has to be told.
        "--default-non-nullable", "false");
    run(join(work, "node_modules/.bin/tsc"), "--project", ".");
    process.stdout.write(run(process.execPath, "out/client.js", url, token));
} finally {
    server.kill("SIGTERM");
}
assert.equal(await ended, 0);
