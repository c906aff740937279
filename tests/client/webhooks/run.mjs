// Usage: node run.mjs TENANTRY WORK_FOLDER
//
// Webhooks as their receivers see them: every message is verified by the package that Standard Webhooks
// has on npm, unmodified. Two tenants have their leads sent to them; then the server is killed while a
// message is under way, and another goes on with the same database. Each receiver has to get what
// /api/sync says: nothing missing, all in order, nothing of the other.
//
// Nothing sleeps: everything waits for what it has brought about, five minutes at the most. The dead
// server's lease lasts one of them.

import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { prepare, run, serve, withServer } from "../harness.mjs";
import { Receiver } from "./receiver.mjs";

const [program, work] = process.argv.slice(2);
const source = dirname(fileURLToPath(import.meta.url));

prepare(join(source, ".."), work, []);
const { Webhook, WebhookVerificationError } = await import(
    pathToFileURL(join(work, "node_modules/standardwebhooks/dist/index.js"))
);
const folder = join(work, "webhooks");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
const database = `sqlite:${join(folder, "webhooks.db")}`;
const tenantry = (...parameters) => run(work, program, ...parameters, "--database", database);

let step = "at the beginning";
const patience = setTimeout(() => {
    console.error(`nothing has happened for too long, ${step}`);
    process.exit(1);
}, 300_000);

/** One tenant, its webhook and who receives it. */
class Tenant {
    constructor(id, receiver) {
        this.id = id;
        this.receiver = receiver;
        tenantry("tenant", "create", id, "--name", id);
        this.token = tenantry("token", "--tenant", id, "--user", "tester", "--role", "admin").trim();
    }

    async ask(method, path, body) {
        const answer = await fetch(`${this.url}${path}`, {
            method,
            headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
            body: body && JSON.stringify(body),
        });
        assert(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
        return answer.status === 204 ? undefined : answer.json();
    }

    create = (first_name) => this.ask("POST", "/api/leads", { first_name });

    async hook() {
        const { id, secret } = await this.ask("POST", "/api/webhooks", { url: this.receiver.url });
        this.webhook = id;
        this.receiver.secrets = [secret];
    }

    /** All of the tenant's changes, from the first one on. */
    async feed() {
        const feed = [];
        for (let page = { next: "0", has_more: true }; page.has_more; feed.push(...page.changes))
            page = await this.ask("GET", `/api/sync?since=${page.next}&limit=1000`);
        assert.deepEqual(feed.map(({ seq }) => seq), feed.map((_, i) => i + 1));
        return feed;
    }

    /** The receiver gets all of them; tells them. */
    async delivered(other) {
        const feed = await this.feed();
        assert.deepEqual(await this.receiver.changes(feed.length), feed);
        for (const { body, content } of this.receiver.messages) {
            assert.equal(content.data.tenant_id, this.id);
            assert(!body.includes(`"${other.id}"`), body);
        }
        return feed;
    }
}

async function signed(acme, birch) {
    step = "signed";
    const made = await acme.create("Ada");
    const changed = await acme.ask("PATCH", `/api/leads/${made.id}`, { status: "contacted", city: "Zürich" });
    await birch.create("Birch's own");
    await acme.ask("DELETE", `/api/leads/${made.id}`);
    const feed = await acme.delivered(birch);
    assert.deepEqual(feed.map(({ op, row, old }) => [op, row, old]),
        [["insert", made, null], ["update", changed, made], ["delete", null, changed]]);
    assert.equal((await birch.delivered(acme)).length, 1);
    for (const { content } of acme.receiver.messages) assert.equal(content.type, "changes");
}

function forged(acme, birch) {
    step = "forged";
    const [{ headers, body }] = acme.receiver.messages;
    const [secret] = acme.receiver.secrets;
    const later = String(Number(headers["webhook-timestamp"]) + 1);
    const foreign = birch.receiver.messages[0].headers["webhook-signature"];
    const forgeries = [
        [secret, body.replace("Ada", "Eve"), headers],
        [secret, `${body} `, headers],
        [secret, body, { ...headers, "webhook-id": `${headers["webhook-id"]}0` }],
        [secret, body, { ...headers, "webhook-timestamp": later }],
        [secret, body, { ...headers, "webhook-signature": foreign }],
        [birch.receiver.secrets[0], body, headers],
    ];
    new Webhook(secret).verify(body, headers);
    for (const [key, ...message] of forgeries)
        assert.throws(() => new Webhook(key).verify(...message), WebhookVerificationError);
}

async function rotated(acme, birch) {
    step = "rotated";
    const { receiver } = acme;
    const before = receiver.messages.length;
    const [old] = receiver.secrets;
    const { secret } = await acme.ask("POST", `/api/webhooks/${acme.webhook}/rotate-secret`);
    assert.notEqual(secret, old);
    receiver.secrets = [secret, old];
    await acme.create("Signed twice");
    await acme.ask("POST", `/api/webhooks/${acme.webhook}/test`);
    await acme.delivered(birch);
    const since = receiver.messages.slice(before);
    assert.deepEqual(since.map(({ content }) => content.type).sort(), ["changes", "test"]);
    for (const { headers } of since) assert.equal(headers["webhook-signature"].split(" ").length, 2);
}

/** Kills the server while acme's receiver owes it an answer, and all are writing; tells the message. */
async function kill(server, acme, birch) {
    step = "kill";
    const { receiver } = acme;
    const write = async (tenant) => {
        for (let n = 1; ; ++n) await tenant.create(`Lead ${n}`);
    };
    const writers = Promise.allSettled([write(acme), write(birch)]);
    await receiver.message(receiver.messages.length + 3);
    receiver.silent = true;
    const unanswered = await receiver.message(receiver.messages.length + 1);
    assert.equal(await server.end("SIGKILL"), null);
    // Not refused by the server: cut off.
    for (const { reason } of await writers) assert.match(reason.message, /^(fetch failed|terminated)$/);
    receiver.silent = false;
    return unanswered;
}

async function recovered(unanswered, acme, birch) {
    step = "recovered";
    const { receiver } = acme;
    const before = receiver.messages.length;
    for (const tenant of [acme, birch]) await tenant.create("Afterwards");
    const again = await receiver.message(before + 1);
    assert.equal(again.headers["webhook-id"], unanswered.headers["webhook-id"]);
    assert.equal(again.body, unanswered.body);
    for (const [tenant, other] of [[acme, birch], [birch, acme]]) {
        const feed = await tenant.delivered(other);
        assert.equal(feed.at(-1).row.first_name, "Afterwards");
        console.log(`${tenant.id}: ${feed.length} changes, ${tenant.receiver.messages.length} messages`);
    }
}

process.env.TENANTRY_WEBHOOKS_PRIVATE = "true";
tenantry("migrate");
const tenants = [];
for (const id of ["acme", "birch"]) tenants.push(new Tenant(id, await Receiver.start(Webhook)));
const at = (url) => tenants.forEach((tenant) => (tenant.url = url));

const first = await serve(program, database);
at(first.url);
for (const tenant of tenants) await tenant.hook();
await signed(...tenants);
forged(...tenants);
await rotated(...tenants);
const unanswered = await kill(first, ...tenants);
await withServer(program, database, async (url) => {
    at(url);
    await recovered(unanswered, ...tenants);
});
for (const { receiver } of tenants) receiver.close();
clearTimeout(patience);
console.log("every message was verified, and every change arrived");
