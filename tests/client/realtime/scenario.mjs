// Usage: node scenario.mjs PACKAGE URL TOKENS
//
// What an application does with Supabase's realtime client. Nothing sleeps: everything waits for what
// it has brought about, a minute at the most.

import assert from "node:assert/strict";
import WebSocket from "ws";

const [name, url, given] = process.argv.slice(2);
const { RealtimeClient } = await import(name);
const tokens = JSON.parse(given);

const patience = setTimeout(() => {
    console.error(`${name}: nothing has happened for a minute, ${step}`);
    process.exit(1);
}, 60_000);
let step = "at the beginning";

/** What is told, in its order; `next` waits for it. */
class Told {
    #waiting = [];
    #told = [];
    push = (what) => {
        const waiting = this.#waiting.shift();
        if (waiting) waiting(what);
        else this.#told.push(what);
    };
    next = () => (this.#told.length > 0 ? Promise.resolve(this.#told.shift()) : new Promise((resolve) => this.#waiting.push(resolve)));
    get rest() {
        return this.#told.splice(0);
    }
}

function connect(token) {
    const client = new RealtimeClient(`${url.replace("http", "ws")}/realtime/v1`, {
        params: { apikey: token },
        transport: WebSocket,
        logger: () => {},
    });
    // Current clients warn of all that falls back to HTTP, which is meant here.
    return client;
}

function subscribed(channel) {
    return new Promise((resolve, reject) => {
        channel.subscribe((status, error) => {
            if (status === "SUBSCRIBED") resolve(channel);
            else if (status === "CHANNEL_ERROR" || status === "TIMED_OUT") reject(error ?? new Error(status));
        });
    });
}

/** Subscribed, and told that changes come. */
async function live(channel) {
    const ready = new Promise((resolve) => channel.on("system", {}, (payload) => payload.extension === "postgres_changes" && resolve(payload)));
    await subscribed(channel);
    const told = await ready;
    assert.equal(told.status, "ok", told.message);
    return told;
}

async function api(tenant, method, path, body) {
    const answer = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${tokens[tenant][0]}`, "content-type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body),
    });
    assert(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
    return answer.status === 204 ? undefined : answer.json();
}

const lead = { event: "*", schema: "public", table: "leads" };

async function changes() {
    step = "changes";
    const client = connect(tokens.acme[0]);
    const told = new Told();
    const inserts = new Told();
    const inOslo = new Told();
    const channel = client
        .channel("db")
        .on("postgres_changes", lead, told.push)
        .on("postgres_changes", { ...lead, event: "INSERT" }, inserts.push)
        .on("postgres_changes", { ...lead, filter: "city=eq.Oslo,score=gte.50" }, inOslo.push);
    await live(channel);
    const made = await api("acme", "POST", "/api/leads", { first_name: "Ada", city: "Oslo", score: 87.5, tags: ["a"] });
    await api("acme", "PATCH", `/api/leads/${made.id}`, { status: "contacted" });
    await api("acme", "POST", "/api/leads", { first_name: "Bob", city: "Oslo" });
    await api("acme", "DELETE", `/api/leads/${made.id}`);

    const inserted = await told.next();
    assert.equal(inserted.eventType, "INSERT");
    assert.equal(inserted.table, "leads");
    assert.equal(inserted.errors, null);
    assert.deepEqual(inserted.new, made);
    assert.deepEqual(inserted.old, {});
    const updated = await told.next();
    assert.equal(updated.eventType, "UPDATE");
    assert.equal(updated.new.status, "contacted");
    assert.equal(updated.old.status, "new");
    assert.equal((await told.next()).new.first_name, "Bob");
    const removed = await told.next();
    assert.equal(removed.eventType, "DELETE");
    assert.equal(removed.old.id, made.id);
    assert.deepEqual(inserts.rest.map((change) => change.new.first_name), ["Ada", "Bob"]);
    assert.deepEqual(inOslo.rest.map((change) => change.eventType), ["INSERT", "UPDATE", "DELETE"]);
    await client.disconnect();
}

async function since() {
    step = "since";
    const client = connect(tokens.acme[0]);
    const told = new Told();
    const cursors = new Told();
    const channel = client.channel("db").on("postgres_changes", lead, told.push);
    channel.on("system", {}, (payload) => payload.cursor && cursors.push(payload.cursor));
    channel.updateJoinPayload({ since: "head" });
    await live(channel);
    await cursors.next();
    await api("acme", "POST", "/api/leads", { first_name: "First" });
    assert.equal((await told.next()).new.first_name, "First");
    // The client rejoins by itself with what the application has told it.
    channel.updateJoinPayload({ since: await cursors.next() });
    const rejoined = cursors.next();
    client.conn?.close?.(4000);
    await api("acme", "POST", "/api/leads", { first_name: "Missed" });
    assert.equal((await told.next()).new.first_name, "Missed");
    await rejoined;
    await api("acme", "POST", "/api/leads", { first_name: "After" });
    assert.equal((await told.next()).new.first_name, "After");
    await client.disconnect();
}

async function broadcasts() {
    step = "broadcasts";
    const ada = connect(tokens.acme[0]);
    const bob = connect(tokens.acme[0]);
    const eve = connect(tokens.birch[0]);
    const [told, own, foreign] = [new Told(), new Told(), new Told()];
    const sender = await subscribed(
        ada.channel("room", { config: { broadcast: { self: true, ack: true } } }).on("broadcast", { event: "*" }, own.push));
    await subscribed(bob.channel("room").on("broadcast", { event: "hey" }, told.push));
    await subscribed(eve.channel("room").on("broadcast", { event: "*" }, foreign.push));
    assert.equal(await sender.send({ type: "broadcast", event: "hey", payload: { text: "grüß dich" } }), "ok");
    const message = { type: "broadcast", event: "hey", payload: { text: "grüß dich" } };
    assert.deepEqual(await told.next(), message);
    assert.deepEqual(await own.next(), message);
    // By HTTP: what a channel does that has not been joined.
    const unjoined = bob.channel("other");
    await subscribed(ada.channel("other").on("broadcast", { event: "hey" }, own.push));
    assert.equal(await unjoined.send({ type: "broadcast", event: "hey", payload: { n: 2 } }), "ok");
    assert.deepEqual((await own.next()).payload, { n: 2 });
    if (unjoined.httpSend) {
        const sent = await unjoined.httpSend("hey", { n: 3 });
        assert.equal(sent.success, true);
        assert.deepEqual((await own.next()).payload, { n: 3 });
        await unjoined.httpSend("hey", new Uint8Array([1, 2]).buffer);
        assert.deepEqual(new Uint8Array((await own.next()).payload), new Uint8Array([1, 2]));
    }
    assert.deepEqual(foreign.rest, []);
    for (const client of [ada, bob, eve]) await client.disconnect();
}

async function presence() {
    step = "presence";
    const ada = connect(tokens.acme[0]);
    const bob = connect(tokens.acme[0]);
    const eve = connect(tokens.birch[0]);
    const [joins, leaves, syncs] = [new Told(), new Told(), new Told()];
    const watching = ada
        .channel("room", { config: { presence: { key: "ada" } } })
        .on("presence", { event: "join" }, joins.push)
        .on("presence", { event: "leave" }, leaves.push)
        .on("presence", { event: "sync" }, () => syncs.push(watching.presenceState()));
    const foreign = eve.channel("room", { config: { presence: { key: "eve" } } }).on("presence", { event: "sync" }, () => {});
    await subscribed(foreign);
    assert.equal(await foreign.track({ secret: true }), "ok");
    await subscribed(watching);
    const other = bob.channel("room", { config: { presence: { key: "bob" } } }).on("presence", { event: "sync" }, () => {});
    await subscribed(other);
    assert.equal(await other.track({ at: "desk" }), "ok");
    const joined = await joins.next();
    assert.equal(joined.key, "bob");
    assert.equal(joined.newPresences[0].at, "desk");
    assert.equal(await other.track({ at: "lunch" }), "ok");
    assert.equal((await joins.next()).newPresences[0].at, "lunch");
    assert.equal((await leaves.next()).leftPresences[0].at, "desk");
    assert.deepEqual(Object.keys(watching.presenceState()), ["bob"]);
    await bob.disconnect();
    assert.equal((await leaves.next()).key, "bob");
    assert.deepEqual(watching.presenceState(), {});
    for (const client of [ada, eve]) await client.disconnect();
}

async function isolation() {
    step = "isolation";
    const [acme, birch] = [connect(tokens.acme[0]), connect(tokens.birch[0])];
    const [ours, theirs] = [new Told(), new Told()];
    await live(acme.channel("db").on("postgres_changes", { event: "*", schema: "public" }, ours.push));
    await live(birch.channel("db").on("postgres_changes", { event: "*", schema: "public" }, theirs.push));
    const made = await api("birch", "POST", "/api/leads", { first_name: "Theirs" });
    await api("birch", "DELETE", `/api/leads/${made.id}`);
    await api("acme", "POST", "/api/leads", { first_name: "Ours" });
    assert.equal((await ours.next()).new.first_name, "Ours");
    assert.equal((await theirs.next()).new.first_name, "Theirs");
    assert.equal((await theirs.next()).eventType, "DELETE");
    assert.deepEqual([...ours.rest, ...theirs.rest], []);
    for (const client of [acme, birch]) await client.disconnect();
}

async function refresh() {
    step = "refresh";
    const client = connect(tokens.acme[0]);
    const told = new Told();
    const closed = new Promise((resolve) => {
        const channel = client.channel("db").on("postgres_changes", lead, told.push);
        channel.on("system", {}, async (payload) => {
            if (payload.status === "error") resolve(payload.message);
            if (payload.message !== "Subscribed to PostgreSQL") return;
            await client.setAuth(tokens.acme[1]);
            await api("acme", "POST", "/api/leads", { first_name: "Refreshed" });
        });
        channel.subscribe();
    });
    assert.equal((await told.next()).new.first_name, "Refreshed");
    await client.setAuth(tokens.birch[0]);
    assert.match(await closed, /not of the tenant/);
    await client.disconnect();
}

async function refusals() {
    step = "refusals";
    const client = connect(tokens.acme[0]);
    const channel = client.channel("bad").on("postgres_changes", { ...lead, filter: "nothing=eq.1" }, () => {});
    const told = new Promise((resolve) => channel.on("system", {}, resolve));
    await subscribed(channel);
    assert.equal((await told).status, "error");
    await client.disconnect();
    const answer = await fetch(`${url}/realtime/v1/websocket?apikey=nonsense`);
    assert.equal(answer.status, 401);
    assert.equal(typeof (await answer.json()).error, "string");
}

for (const part of [changes, since, broadcasts, presence, isolation, refresh, refusals]) await part();
clearTimeout(patience);
console.log(`${name}: all is well`);
process.exit(0);
