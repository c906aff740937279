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

/**
 * A server that listens at `url`, until `end(signal)`, which tells its exit code: null if the signal
 * did it. Secrets that aren't beside the database are in `folder`.
 */
export async function serve(program, database, folder) {
    const server = spawn(program, ["serve", "--listen", "127.0.0.1:0", "--database", database], {
        cwd: folder,
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
    return { url: await address(server), end };
}

/** Does `work(url)` with a server, which has to end well. */
export async function withServer(program, database, work, folder) {
    const server = await serve(program, database, folder);
    let code;
    try {
        await work(server.url);
    } finally {
        code = await server.end("SIGTERM");
    }
    assert.equal(code, 0);
}
