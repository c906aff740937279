// Usage: node strangers.mjs URL TOKENS
//
// Another tenant's pages after scenario.mjs: every method asks for the first tenant's rows, and for
// rows that nobody has. Both come to the same, and the first tenant's rows stay as they were.

import assert from "node:assert/strict";
import { connect, outcome, page, refused } from "./providers.mjs";

const [url, given] = process.argv.slice(2);
const tokens = JSON.parse(given);
const primaryKeys = new Map([["contacts", ["channel", "identifier"]]]);
const acme = connect(url, tokens.acme[0]);
const birch = connect(url, tokens.birch[0]);
const byKey = connect(url, tokens.birch[0], { primaryKeys });

const relations = ["leads", "agents", "events", "contacts", "icp_profiles", "identities", "approvals"];

async function everything(provider) {
    const lists = {};
    for (const relation of relations) lists[relation] = await provider.getList(relation, page());
    return lists;
}

const whole = await everything(acme);
for (const relation of relations) assert.notEqual(whole[relation].total, 0, relation);
/** All of acme's ids in it, first one that other rows refer to. */
function ids(relation) {
    const inUse = { leads: whole.events.data[0].lead_id, agents: whole.leads.data.find((row) => row.assigned_agent).assigned_agent }[relation];
    const all = whole[relation].data.map((row) => row.id);
    return inUse ? [inUse, ...all.filter((id) => id !== inUse)] : all;
}
const nobodys = (number) => `00000000-0000-7000-8000-00000000000${number}`;
const keyed = ({ channel, identifier }) => JSON.stringify([channel, identifier]);

/** What is there for acme, and what isn't for anybody. */
const there = { ...Object.fromEntries(relations.map((relation) => [relation, ids(relation)])), keys: [keyed(whole.contacts.data[0])] };
const nowhere = { ...Object.fromEntries(relations.map((relation) => [relation, [1, 2, 3, 4].map(nobodys)])), keys: ['["sms","none"]'] };

/** Both come to `expected`, in which a refusal is its status and code, and are alike in every word. */
async function alike(call, expected) {
    const results = [await outcome(call(there)), await outcome(call(nowhere))];
    assert.deepEqual(results[0], results[1]);
    const [{ answer, status, body }] = results;
    assert.deepEqual(answer ?? [status, body.code], expected, call.toString());
}

const none = { data: [], meta: undefined };
const noneOf = { data: [], total: 0, meta: undefined };
const noRow = [406, "PGRST116"];

async function beforeItHasRows() {
    for (const relation of relations) assert.deepEqual(await birch.getList(relation, page()), noneOf);
    await refused(birch.getList("leads", page({ pagination: { page: 2, perPage: 1 } })), 416, "PGRST103");
}

async function reads(own) {
    for (const relation of relations) {
        await alike((rows) => birch.getOne(relation, { id: rows[relation][0] }), noRow);
        await alike((rows) => birch.getMany(relation, { ids: rows[relation].slice(0, 1) }), none);
        await alike((rows) => birch.getMany(relation, { ids: rows[relation].concat(nobodys(9)) }), none);
        await alike((rows) => birch.getList(relation, page({ filter: { id: rows[relation][0] } })), noneOf);
        await alike((rows) => birch.getList(relation, page({ filter: { "id@in": `(${rows[relation]})` } })), noneOf);
    }
    const meta = { embed: ["agents", "events", "contacts", "approvals"] };
    await alike((rows) => birch.getOne("leads", { id: rows.leads[0], meta }), noRow);
    await alike((rows) => birch.getMany("leads", { ids: rows.leads, meta: { prefetch: ["events"] } }), { data: [], meta: { prefetched: {} } });
    for (const relation of ["events", "contacts", "approvals"])
        await alike((rows) => birch.getManyReference(relation, { target: "lead_id", id: rows.leads[0], ...page() }), noneOf);
    await alike((rows) => birch.getManyReference("leads", { target: "assigned_agent", id: rows.agents[0], ...page() }), noneOf);
    await alike((rows) => byKey.getOne("contacts", { id: rows.keys[0] }), noRow);
    await alike((rows) => byKey.getMany("contacts", { ids: [...rows.keys, '["fax","1"]'] }), none);

    // Its own row is found among them, and no other by a filter that every row passes.
    await alike((rows) => birch.getMany("leads", { ids: [...rows.leads, own.id] }), { data: [own], meta: undefined });
    for (const filter of [{}, { "@or": { "id@not.is": null, "tenant_id": "acme" } }, { "tenant_id@neq": "" }, { "first_name@ilike": "%" }])
        assert.deepEqual(await birch.getList("leads", page({ filter })), { data: [own], total: 1, meta: undefined });
    assert.deepEqual(await birch.getList("leads", page({ filter: { tenant_id: "acme" } })), noneOf);
}

async function writes(own) {
    const city = { city: "stolen" };
    for (const [relation, data] of [["leads", city], ["agents", { phone: "1" }], ["contacts", { verified: true }], ["icp_profiles", { description: "x" }],
        ["identities", { profile_url: "x" }]]) {
        await alike((rows) => birch.update(relation, { id: rows[relation][0], data, previousData: {} }), noRow);
        await alike((rows) => birch.updateMany(relation, { ids: rows[relation].slice(0, 1), data }), { data: [] });
        await alike((rows) => birch.updateMany(relation, { ids: rows[relation].concat(nobodys(9)), data }), { data: [] });
        await alike((rows) => birch.delete(relation, { id: rows[relation][0] }), noRow);
        await alike((rows) => birch.deleteMany(relation, { ids: rows[relation].slice(0, 1) }), { data: [] });
        await alike((rows) => birch.deleteMany(relation, { ids: rows[relation].concat(nobodys(9)) }), { data: [] });
    }
    for (const relation of ["events", "approvals"]) {
        // That there is no such row is found before that nobody may.
        await alike((rows) => birch.update(relation, { id: rows[relation][0], data: { content: "x" }, previousData: {} }), noRow);
        await alike((rows) => birch.updateMany(relation, { ids: rows[relation], data: { content: "x" } }), [403, "42501"]);
        await alike((rows) => birch.delete(relation, { id: rows[relation][0] }), noRow);
        await alike((rows) => birch.deleteMany(relation, { ids: rows[relation] }), [403, "42501"]);
    }
    await alike((rows) => byKey.updateMany("contacts", { ids: [...rows.keys, '["fax","1"]'], data: { verified: true } }), { data: [] });
    await alike((rows) => byKey.delete("contacts", { id: rows.keys[0] }), noRow);

    // Its own row is changed among them.
    await alike((rows) => birch.updateMany("leads", { ids: [...rows.leads, own.id], data: city }), { data: [own.id] });
    // A reference is to a row of one's own, or to none.
    for (const relation of ["events", "contacts", "approvals"]) {
        const data = { events: { type: "call" }, contacts: { channel: "sms", identifier: "7" }, approvals: { type: "email" } }[relation];
        await alike((rows) => birch.create(relation, { data: { ...data, lead_id: rows.leads[0] } }), [409, "23503"]);
    }
    await alike((rows) => birch.create("leads", { data: { first_name: "Eve", assigned_agent: rows.agents[0] } }), [409, "23503"]);
    await alike((rows) => birch.update("leads", { id: own.id, data: { assigned_agent: rows.agents[0] }, previousData: {} }), [409, "23503"]);
    await refused(birch.create("leads", { data: { first_name: "Mallory", tenant_id: "acme" } }), 403, "42501");
    await refused(birch.update("leads", { id: own.id, data: { tenant_id: "acme" }, previousData: own }), 403, "42501");
}

/** Ids and other keys are each tenant's own: one that is taken elsewhere is free. */
async function sameKeys(own) {
    const forget = ({ data }) => ({ ...data, id: "", created_at: "", updated_at: "" });
    const made = [];
    for (const { leads: [id] } of [there, nowhere])
        made.push(await birch.create("leads", { data: { id, first_name: "Same id" }, meta: { embed: ["agents", "events", "contacts", "approvals"] } }));
    assert.deepEqual(made.map(({ data }) => data.id), [there.leads[0], nowhere.leads[0]]);
    assert.deepEqual(forget(made[0]), forget(made[1]));
    const { tenant_id, agents, events, contacts, approvals } = made[0].data;
    assert.deepEqual({ tenant_id, agents, events, contacts, approvals }, { tenant_id: "birch", agents: null, events: [], contacts: [], approvals: [] });
    await alike((rows) => birch.getManyReference("events", { target: "lead_id", id: rows.leads[0], ...page() }), noneOf);
    await birch.update("leads", { id: own.id, data: { email: "ada@example.com" }, previousData: own });
    for (const { channel, identifier } of whole.contacts.data) await byKey.create("contacts", { data: { channel, identifier, lead_id: there.leads[0] } });
    const gone = await birch.delete("leads", { id: there.leads[0], meta: { columns: ["first_name", "contacts(tenant_id)"] } });
    assert.deepEqual(gone.data, { first_name: "Same id", contacts: [{ tenant_id: "birch" }] });
    // All that it names, and all that it has.
    assert.deepEqual((await birch.deleteMany("leads", { ids: [own.id, ...there.leads, ...nowhere.leads] })).data.sort(), [nowhere.leads[0], own.id].sort());
    for (const relation of relations) assert.deepEqual(await birch.getList(relation, page()), noneOf);
}

await beforeItHasRows();
const { data: own } = await birch.create("leads", { data: { first_name: "Own" } });
await reads(own);
await writes(own);
assert.deepEqual(await everything(acme), whole);
await sameKeys(own);
assert.deepEqual(await everything(acme), whole);
console.log("react-admin: another tenant sees and changes nothing");
