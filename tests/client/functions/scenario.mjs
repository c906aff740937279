// Usage: node scenario.mjs URL TOKENS
//
// Supabase's client, unmodified, calls functions, as two tenants and as one who may only read.

import assert from "node:assert/strict";
import { maker, ok, refused } from "./clients.mjs";

const [url, given] = process.argv.slice(2);
const tokens = JSON.parse(given);
const make = await maker("supabase-current");
const [acme, birch, viewer] = [tokens.acme, tokens.birch, tokens.viewer].map((token) => make(url, token));

async function seed() {
    await ok(acme.from("agents").insert({ name: "Ann", email: "ann@x.example" }), 201);
    const [{ id }] = await ok(acme.from("agents").select("id"));
    await ok(acme.from("leads").insert([
        { first_name: "Ada", score: 90, assigned_agent: id }, { first_name: "Abe", score: 10, assigned_agent: null },
        { first_name: "Amy", score: null, assigned_agent: null },
    ]), 201);
    await ok(birch.from("leads").insert([{ first_name: "Bob", score: 99 }, { first_name: "Bea", score: 1 }]), 201);
}

async function reads() {
    assert.deepEqual(await ok(acme.rpc("lead_count")), 3);
    assert.deepEqual(await ok(birch.rpc("lead_count", {}, { get: true })), 2);
    assert.deepEqual(await ok(acme.rpc("top_leads").select("first_name,score,agents(name)")), [
        { first_name: "Ada", score: 90, agents: { name: "Ann" } }, { first_name: "Abe", score: 10, agents: null },
    ]);
    assert.deepEqual(await ok(acme.rpc("top_leads", { how_many: 1 }).select("first_name").single()), { first_name: "Ada" });
    assert.deepEqual(await ok(viewer.rpc("top_leads", { how_many: 9 }, { get: true }).select("first_name").lt("score", 50)), [{ first_name: "Abe" }]);
    const counted = await acme.rpc("top_leads", {}, { count: "exact" }).select("id").limit(1);
    assert.deepEqual([counted.count, counted.data.length], [2, 1]);
    const head = await acme.rpc("top_leads", {}, { head: true, count: "exact" });
    assert.deepEqual([head.count, head.data], [2, null]);
    await refused(acme.rpc("top_leads", { many: 1 }), 404, "PGRST202");
    await refused(acme.rpc("top_leads", { how_many: "few" }), 400, "22P02");
    await refused(acme.rpc("hidden"), 404, "PGRST202");
    await refused(acme.rpc("by_text", { what: "leads" }), 404, "PGRST202");
}

async function writes() {
    const made = await ok(acme.rpc("add_lead", { name: "Avi", points: 50 }).select("tenant_id,first_name"));
    assert.deepEqual(made, { tenant_id: "acme", first_name: "Avi" });
    const error = await refused(acme.rpc("add_lead", { name: "X", points: -1 }), 422, "PT422");
    assert.deepEqual([error.message, error.hint], ["points are positive, not -1", "send another number"]);
    await refused(acme.rpc("add_lead", { name: "X", points: 1 }).setHeader("Prefer", "handling=strict,max-affected=1"), 400, "PGRST100");
    await refused(viewer.rpc("add_lead", { name: "X", points: 1 }), 403, "42501");
    await refused(viewer.rpc("add_lead", { name: "X", points: 1 }, { get: true }), 405, "25006");
    assert.equal(await ok(acme.rpc("lead_count")), 4, "what was refused left nothing behind");
    const changes = await (await fetch(`${url}/api/sync?since=0`, { headers: { authorization: `Bearer ${tokens.acme}` } })).json();
    assert(JSON.stringify(changes).includes('"Avi"'), "a function's writes are in the feed");
}

/** What a function can see and change is its caller's. */
async function isolation() {
    const owners = async (client) => new Set((await ok(client.rpc("seen"))).map(({ owner }) => owner));
    assert.deepEqual(await owners(acme), new Set(["acme"]));
    assert.deepEqual(await owners(birch), new Set(["birch"]));
    assert.equal(await ok(acme.rpc("rename_all", { name: "Same" })), 4);
    assert.deepEqual((await ok(birch.from("leads").select("first_name").order("first_name"))).map((row) => row.first_name), ["Bea", "Bob"]);
    assert.deepEqual(await ok(acme.rpc("foreign_rows")), [{ tenant_id: "acme", secret: "ours" }]);
    for (const roaming of [acme.rpc("roams"), acme.rpc("roams", {}, { get: true })]) {
        const { status, data, error } = await roaming;
        assert([500, 405].includes(status), `${status}`);
        assert.equal(data, null);
        assert(!/birch|Bob|stolen/.test(JSON.stringify(error)), JSON.stringify(error));
    }
}

await seed();
await reads();
await writes();
await isolation();
console.log("functions: each tenant has its own");
