// What tests with real clients share: a folder with their locked packages, and a server.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

export function run(folder, command, ...parameters) {
    try {
        return execFileSync(command, parameters, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
    } catch (failure) {
        process.stderr.write(failure.stdout ?? "");
        throw new Error(`${command} failed`);
    }
}

/** Runs SQL in the database at that URL; the first mistake ends it. */
export function psql(folder, url, ...parameters) {
    return run(folder, "psql", "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", ...parameters, url);
}

/** Copies what the client is made of; the packages are installed anew only when their lock changes. */
export function prepare(source, folder, files) {
    mkdirSync(folder, { recursive: true });
    const lock = readFileSync(join(source, "package-lock.json"));
    const installed = join(folder, "node_modules", ".installed");
    const current = existsSync(installed) && readFileSync(installed).equals(lock);
    for (const file of ["package.json", "package-lock.json", ...files]) copyFileSync(join(source, file), join(folder, file));
    if (current) return;
    run(folder, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
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

/**
 * A server that listens at `url`, until `end(signal)`, which tells its exit code: null if the signal
 * did it. Secrets that aren't beside the database are in `folder`.
 */
export async function serve(program, database, folder, settings = {}) {
    const server = spawn(program, ["serve", "--listen", "127.0.0.1:0", "--database", database], {
        cwd: folder,
        env: { ...process.env, ...settings },
        stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = new Promise((resolve) => server.once("exit", (code) => resolve(code)));
    // Interrupted, too, this process takes the server along.
    process.once("exit", () => server.kill("SIGTERM"));
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
    const end = (signal) => {
        server.kill(signal);
        return ended;
    };
    return { url: await address(server), end, signal: (name) => server.kill(name) };
}

/**
 * A mail server that writes what it takes into `folder`; its port, and what ends it. The system's own
 * Python has the package that it needs.
 */
export async function receiveMail(script, folder) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const server = spawn("/usr/bin/python3", [script, folder], { stdio: ["ignore", "pipe", "inherit"] });
    process.once("exit", () => server.kill("SIGTERM"));
    for await (const line of createInterface({ input: server.stdout })) {
        const found = /^port (\d+)$/.exec(line);
        if (found) return { port: found[1], end: () => server.kill("SIGTERM") };
    }
    throw new Error("the mail server ended before it listened");
}

/** Does `work(url, signal)` with a server, which has to end well; `signal(name)` sends it one. */
export async function withServer(program, database, work, folder, settings) {
    const server = await serve(program, database, folder, settings);
    let code;
    try {
        await work(server.url, server.signal);
    } finally {
        code = await server.end("SIGTERM");
    }
    assert.equal(code, 0);
}

/** Migrates the database; tells the URL to serve it with, which for PostgreSQL is another role's. */
export function migrate(folder, program, database) {
    const told = run(folder, program, "migrate", "--database", database);
    if (database.startsWith("sqlite:")) return database;
    const served = /^  TENANTRY_DATABASE='(postgres:.+)'$/m.exec(told);
    assert(served, told);
    return served[1];
}

/**
 * Does `work(url, tokens)` with a server of the tenants acme and birch, each with administrators'
 * tokens that last an hour and two. The database is one of SQLite in the folder, made anew, or the
 * empty one of PostgreSQL whose owner's URL is `given`. `before(tenantry)` runs commands first, and
 * returns settings for the server, as variables of its environment.
 */
export async function withTwoTenants(program, folder, given, work, before = () => ({})) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const database = migrate(folder, program, given ?? `sqlite:${join(folder, "client.db")}`);
    const tenantry = (...parameters) => run(folder, program, ...parameters, "--database", database);
    const tokens = {};
    for (const tenant of ["acme", "birch"]) {
        tenantry("tenant", "create", tenant, "--name", tenant);
        tokens[tenant] = ["1h", "2h"].map((life) =>
            tenantry("token", "--tenant", tenant, "--user", "tester", "--role", "admin", "--expires", life).trim());
    }
    const settings = before(tenantry);
    await withServer(program, database, (url) => work(url, tokens), folder, settings);
}
