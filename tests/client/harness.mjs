// What tests with real clients share: a folder with their locked packages, and a server.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
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

/** Does `work(url)` with a server, which has to end well. */
export async function withServer(program, database, work) {
    const server = spawn(program, ["serve", "--listen", "127.0.0.1:0", "--database", database], {
        stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = new Promise((resolve) => server.once("exit", (code) => resolve(code)));
    const stop = () => server.kill("SIGTERM");
    // Interrupted, too, this process takes the server along.
    process.once("exit", stop);
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
    try {
        await work(await address(server));
    } finally {
        stop();
    }
    assert.equal(await ended, 0);
}
