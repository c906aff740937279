// Usage: node scenario.mjs URL TOKENS
//
// What pages do with the rows of their tenant, method by method. The rows that it leaves are those
// that strangers.mjs then asks for.

import assert from "node:assert/strict";
import { connect, page, refused } from "./providers.mjs";

const [url, given] = process.argv.slice(2);
const [token] = JSON.parse(given).acme;
const acme = connect(url, token);
const nobody = "00000000-0000-7000-8000-000000000000";
const nobodyElse = "00000000-0000-7000-8000-000000000001";

const byName = { field: "first_name", order: "ASC" };
const leads = (filter, more) => acme.getList("leads", page({ sort: byName, filter, ...more }));
const names = ({ data }) => data.map((row) => row.first_name ?? row.name);

async function creates() {
    const make = async (relation, ...rows) => {
        const made = [];
        for (const data of rows) made.push((await acme.create(relation, { data })).data);
        return made;
    };
    const agents = await make("agents",
        { name: "Ana", email: "ana@acme.example", specialties: ["condo", "luxury homes"] },
        { name: "Bo", email: "bo@acme.example" });
    assert.deepEqual([agents[0].tenant_id, agents[0].name, agents[0].specialties], ["acme", "Ana", ["condo", "luxury homes"]]);
    const made = await make("leads",
        { first_name: "Ada", city: "New York", score: 87.5, status: "qualified", tags: ["vip", "a b"], email: "Ada@Example.com",
          assigned_agent: agents[0].id, metadata: { utm: { source: "ad" }, n: 5 } },
        { first_name: "Bob", city: "Oslo", score: 12, assigned_agent: agents[1].id, metadata: { n: 7 } },
        { first_name: "Cy_100%", city: "York", tags: ["vip"] },
        { first_name: "Zoë" });
    const ada = made[0].id;
    await make("events", { type: "call", lead_id: ada, direction: "in" }, { type: "note", lead_id: ada });
    await make("contacts", { channel: "sms", identifier: "+1 555", lead_id: ada });
    await make("approvals", { type: "email", lead_id: ada });
    await make("icp_profiles", { name: "Owners" });
    await make("identities", { platform: "mail" });

    // A new row is answered with the columns and embedded rows that are asked for; its id may be chosen.
    const chosen = "00000000-0000-7000-8000-0000000000aa";
    const meta = { columns: ["id", "agent:agents(name)"], embed: ["events"] };
    assert.deepEqual(await acme.create("leads", { data: { id: chosen, first_name: "Dan", assigned_agent: agents[1].id }, meta }),
        { data: { id: chosen, agent: { name: "Bo" }, events: [] }, meta: undefined });
    await acme.delete("leads", { id: chosen });
    return { agents, leads: made };
}

async function lists() {
    const some = (number, perPage, order = "ASC") =>
        leads({}, { pagination: { page: number, perPage }, sort: { field: "first_name", order }, meta: { columns: ["first_name"] } });
    assert.deepEqual(await some(1, 3), { data: [{ first_name: "Ada" }, { first_name: "Bob" }, { first_name: "Cy_100%" }], total: 4, meta: undefined });
    assert.deepEqual(await some(2, 3), { data: [{ first_name: "Zoë" }], total: 4, meta: undefined });
    assert.deepEqual(await some(3, 2), { data: [], total: 4, meta: undefined });
    await refused(some(4, 2), 416, "PGRST103");
    assert.deepEqual(names(await some(1, 2, "DESC")), ["Zoë", "Cy_100%"]);

    const all = await acme.getList("leads", page());
    assert.deepEqual(all.data.map((row) => row.id), all.data.map((row) => row.id).sort());
    assert.deepEqual((await acme.getList("leads", { ...page(), sort: undefined })).total, 4);
    assert.deepEqual(await leads({ first_name: "nobody" }), { data: [], total: 0, meta: undefined });

    // Where nulls go is PostgreSQL's, the page's or the provider's to say.
    const scored = (provider, order, meta) => provider.getList("leads", page({ filter: { "first_name@in": "(Ada,Bob,Zoë)" }, sort: { field: "score", order }, meta }));
    assert.deepEqual(names(await scored(acme, "ASC")), ["Bob", "Ada", "Zoë"]);
    assert.deepEqual(names(await scored(acme, "DESC")), ["Zoë", "Ada", "Bob"]);
    assert.deepEqual(names(await scored(acme, "DESC", { nullslast: true })), ["Ada", "Bob", "Zoë"]);
    assert.deepEqual(names(await scored(acme, "ASC", { nullsfirst: true })), ["Zoë", "Bob", "Ada"]);
    assert.deepEqual(names(await scored(connect(url, token, { sortOrder: "asc.nullsfirst,desc.nullslast" }), "ASC")), ["Zoë", "Bob", "Ada"]);
}

async function filters() {
    const expect = async (filter, ...expected) => {
        const found = await leads(filter);
        assert.deepEqual(names(found), expected, JSON.stringify(filter));
        assert.equal(found.total, expected.length);
    };
    await expect({ city: "Oslo" }, "Bob");
    await expect({ city: "Oslo", status: "new" }, "Bob");
    await expect({ "city@neq": "Oslo" }, "Ada", "Cy_100%");
    await expect({ "score@gt": 12 }, "Ada");
    await expect({ "score@gte": 12 }, "Ada", "Bob");
    await expect({ "score@lt": 87.5 }, "Bob");
    await expect({ "score@lte": 87.5 }, "Ada", "Bob");
    // The provider puts a star on both sides of what is searched for.
    await expect({ "city@ilike": "YORK" }, "Ada", "Cy_100%");
    // Several conditions on one column, which the provider numbers: city[0], city[1][0].
    await expect({ "city@ilike": "new york" }, "Ada");
    await expect({ "score@gte": 10, "score@lt": 80 }, "Bob");
    await expect({ "city@ilike": "n w york" }, "Ada");
    await expect({ "city@like": "York" }, "Ada", "Cy_100%");
    await expect({ "city@like": "york" });
    await expect({ "first_name@ilike": "zoË" }, "Zoë");
    await expect({ "first_name@ilike": "\\_100\\%" }, "Cy_100%");
    await expect({ "first_name@match": "^[AB]" }, "Ada", "Bob");
    await expect({ "first_name@imatch": "^[ab]" }, "Ada", "Bob");
    await expect({ "first_name@plfts": "ada" }, "Ada");
    await expect({ "city@is": null }, "Zoë");
    await expect({ "city@not.is": null }, "Ada", "Bob", "Cy_100%");
    await expect({ "city@not": "ilike.*york" }, "Bob");
    // An operator that is left empty is the value's to name.
    await expect({ "city@": "eq.Oslo" }, "Bob");
    await expect({ "city@in": "(Oslo,\"New York\")" }, "Ada", "Bob");
    await expect({ "tags@cs": "{vip,a b}" }, "Ada");
    await expect({ "tags@cd": "{vip}" }, "Bob", "Cy_100%", "Zoë");
    await expect({ "tags@ov": "{x,\"a b\"}" }, "Ada");
    await expect({ "metadata@cs": '{"utm":{"source":"ad"}}' }, "Ada");
    await expect({ "metadata->utm->>source": "ad" }, "Ada");
    await expect({ "metadata->n@gt": 5 }, "Bob");

    await expect({ "@or": { city: "Oslo", "score@gt": 80 } }, "Ada", "Bob");
    await expect({ "@or": { "first_name@ilike": "ada", "city@in": "(Oslo,York)", "tags@cs": "{none,such}" } }, "Ada", "Bob", "Cy_100%");
    await expect({ "@and": { "score@gte": 10, "score@lt": 80 } }, "Bob");
    await expect({ "@or": { city: "Oslo", "city@is": null }, "@and": { "first_name@neq": "Bob" } }, "Zoë");
    // Several words are several conditions.
    await expect({ "@and": { "city@ilike": "york new" } }, "Ada");
    await expect({ "@or": { "city@ilike": "oslo new" } }, "Ada", "Bob");

    await refused(leads({ q: "everywhere" }), 400, "42703");
    await refused(leads({ id: "7" }), 400, "22P02");
    await refused(leads({ "city@in": ["Oslo", "York"] }), 400, "PGRST100");
    await refused(leads({ agents: { name: "Ana" } }), 400, "PGRST108");
    await refused(acme.getList("invoices", page()), 404, "PGRST205");
}

async function reads({ agents, leads: made }) {
    const [ada, bob, , zoe] = made;
    assert.deepEqual(await acme.getOne("leads", { id: ada.id }), { data: ada, meta: undefined });
    assert.deepEqual(await acme.getOne("leads", { id: ada.id, meta: { columns: ["name:first_name", "score::text", "metadata->utm->>source"] } }),
        { data: { name: "Ada", score: "87.50", source: "ad" }, meta: undefined });
    assert.deepEqual(await acme.getMany("leads", { ids: [bob.id] }), { data: [bob], meta: undefined });
    // Rows that aren't there are left out.
    assert.deepEqual((await acme.getMany("leads", { ids: [zoe.id, nobody, ada.id] })).data.sort((a, b) => (a.first_name < b.first_name ? -1 : 1)), [ada, zoe]);
    assert.deepEqual(await acme.getMany("leads", { ids: [nobody, nobodyElse] }), { data: [], meta: undefined });
    assert.deepEqual(await acme.getMany("leads", { ids: [] }), { data: [] });

    const events = (more) => acme.getManyReference("events", { target: "lead_id", id: ada.id, ...page({ sort: { field: "type", order: "DESC" }, ...more }) });
    const types = ({ data, total }) => [data.map((row) => row.type), total];
    assert.deepEqual(types(await events()), [["note", "call"], 2]);
    assert.deepEqual(types(await events({ pagination: { page: 2, perPage: 1 } })), [["call"], 2]);
    assert.deepEqual(types(await events({ filter: { "type@ilike": "ot" } })), [["note"], 1]);
    assert.deepEqual((await events({ filter: { direction: "in" }, meta: { columns: ["type", "leads(first_name)"] } })).data,
        [{ type: "call", leads: { first_name: "Ada" } }]);

    const embedded = await acme.getOne("leads", { id: ada.id, meta: { embed: ["agents", "events"] } });
    assert.deepEqual([embedded.data.agents.name, embedded.data.events.map((row) => row.type).sort()], ["Ana", ["call", "note"]]);
    const { agents: agent, events: hers, ...rest } = embedded.data;
    assert.deepEqual(rest, ada);
    // What is prefetched is taken out of the rows, for pages that ask for it next.
    const prefetched = await leads({ "score@gte": 0 }, { meta: { prefetch: ["agents"] } });
    assert.deepEqual([prefetched.data, prefetched.meta.prefetched.agents.map((row) => row.id)], [[ada, bob], agents.map((row) => row.id)]);
    assert.deepEqual(prefetched.meta.prefetched.agents[0], agent);
    const both = await acme.getMany("leads", { ids: [ada.id, bob.id], meta: { columns: "first_name", prefetch: ["agents"] } });
    assert.deepEqual(both.meta.prefetched.agents.map((row) => row.name).sort(), ["Ana", "Bo"]);
    // A nested filter is one of embedded rows: it bounds the list where they have to be there.
    const columns = (hint) => ({ meta: { columns: ["first_name", `agents${hint}(name)`] } });
    assert.deepEqual((await leads({ agents: { "name@ilike": "an" } }, columns("!inner"))).data, [{ first_name: "Ada", agents: { name: "Ana" } }]);
    assert.deepEqual((await leads({ agents: { name: "Ana" }, "score@gte": 0 }, columns(""))).data,
        [{ first_name: "Ada", agents: { name: "Ana" } }, { first_name: "Bob", agents: null }]);

    assert.deepEqual(await acme.getOne("leads", { id: ada.id, meta: { schema: "public" } }), { data: ada, meta: undefined });
    await refused(acme.getOne("leads", { id: ada.id, meta: { schema: "private" } }), 406, "PGRST106");
    await refused(acme.getOne("leads", { id: nobody }), 406, "PGRST116");
    await refused(acme.getOne("leads", { id: "7" }), 400, "22P02");
    await refused(acme.getOne("leads", { id: ada.id, meta: { embed: ["invoices"] } }), 400, "PGRST200");
    await refused(connect(url, "no token").getOne("leads", { id: ada.id }), 401, "PGRST301");
}

async function writes({ leads: [, bob, cy] }) {
    // A page sends the whole row back; the provider sends on what has changed.
    const { data: moved } = await acme.update("leads", { id: bob.id, data: { ...bob, city: "Bergen", tags: ["far"] }, previousData: bob });
    assert.deepEqual({ ...moved, updated_at: bob.updated_at }, { ...bob, city: "Bergen", tags: ["far"] });
    assert.deepEqual(await acme.update("leads", { id: bob.id, data: moved, previousData: moved }), { data: moved });
    assert.deepEqual(await acme.update("leads", { id: bob.id, data: { source: "web" }, previousData: {}, meta: { columns: ["source", "agents(name)"] } }),
        { data: { source: "web", agents: { name: "Bo" } }, meta: undefined });
    const many = await acme.updateMany("leads", { ids: [cy.id, nobody, bob.id], data: { timeline: "soon" } });
    assert.deepEqual(many.data.sort(), [bob.id, cy.id].sort());
    assert.deepEqual(await acme.updateMany("leads", { ids: [cy.id], data: { timeline: "later" } }), { data: [cy.id] });
    assert.deepEqual(await acme.updateMany("leads", { ids: [nobody], data: { timeline: "never" } }), { data: [] });
    assert.deepEqual((await leads({ "timeline@not.is": null }, { meta: { columns: ["first_name", "timeline"] } })).data,
        [{ first_name: "Bob", timeline: "soon" }, { first_name: "Cy_100%", timeline: "later" }]);

    const made = [];
    for (const first_name of ["Eve", "Fay", "Gil"]) made.push((await acme.create("leads", { data: { first_name } })).data);
    const [eve, fay, gil] = made;
    const { data: event } = await acme.create("events", { data: { type: "call", lead_id: eve.id } });
    assert.deepEqual(await acme.delete("leads", { id: eve.id, previousData: eve, meta: { embed: ["events"] } }), { data: { ...eve, events: [event] }, meta: undefined });
    await refused(acme.getOne("events", { id: event.id }), 406, "PGRST116");
    assert.deepEqual((await acme.deleteMany("leads", { ids: [fay.id, nobody, gil.id] })).data.sort(), [fay.id, gil.id].sort());
    assert.deepEqual(await acme.deleteMany("leads", { ids: [fay.id] }), { data: [] });
    assert.equal((await leads({})).total, 4);
}

async function refusals({ agents, leads: [ada, bob] }) {
    const before = await leads({});
    await refused(acme.create("leads", { data: { last_name: "Nobody" } }), 400, "23502");
    await refused(acme.create("leads", { data: { first_name: "Eve", status: "odd" } }), 400, "22P02");
    await refused(acme.create("leads", { data: { first_name: "Eve", colour: "red" } }), 400, "PGRST204");
    await refused(acme.create("leads", { data: { first_name: "Eve", email: "ada@example.com" } }), 409, "23505");
    await refused(acme.create("leads", { data: { first_name: "Eve", id: ada.id } }), 409, "23505");
    await refused(acme.create("events", { data: { type: "call", lead_id: nobody } }), 409, "23503");
    const update = (id, data) => acme.update("leads", { id, data, previousData: {} });
    await refused(update(nobody, { city: "none" }), 406, "PGRST116");
    await refused(update(bob.id, { first_name: null }), 400, "23502");
    await refused(update(bob.id, { score: "high" }), 400, "22P02");
    await refused(update(bob.id, { email: "ada@example.com" }), 409, "23505");
    await refused(update(bob.id, { assigned_agent: ada.id }), 409, "23503");
    await refused(update(bob.id, { tenant_id: "birch" }), 403, "42501");
    await refused(acme.updateMany("leads", { ids: [ada.id, bob.id], data: { email: "two@example.com" } }), 409, "23505");
    await refused(acme.updateMany("agents", { ids: [agents[0].id], data: { active_leads: 7 } }), 403, "42501");
    await refused(acme.delete("leads", { id: nobody }), 406, "PGRST116");
    await refused(acme.deleteMany("leads", { ids: [ada.id, "7"] }), 400, "22P02");
    // Events are history.
    const { data: [event] } = await acme.getList("events", page());
    await refused(acme.update("events", { id: event.id, data: { type: "x" }, previousData: event }), 403, "42501");
    await refused(acme.delete("events", { id: event.id }), 403, "42501");
    assert.deepEqual(await leads({}), before);
}

/** A relation that is named by other columns than `id`. */
async function compoundKeys() {
    const named = connect(url, token, { primaryKeys: new Map([["contacts", ["channel", "identifier"]]]) });
    const [phone, mail] = ['["sms","+1 555"]', '["mail","d@e.example"]'];
    const meta = { columns: ["channel", "display_name", "identifier"] };
    const list = async () => (await named.getList("contacts", page({ sort: { field: "id", order: "DESC" }, meta }))).data;
    const { data: made } = await named.create("contacts", { data: { channel: "mail", identifier: "d@e.example" } });
    assert.equal(made.id, mail);
    assert.deepEqual(await named.getOne("contacts", { id: mail }), { data: made, meta: undefined });
    assert.deepEqual((await named.getMany("contacts", { ids: [phone, mail, '["fax","1"]'] })).data.map((row) => row.id).sort(), [mail, phone]);
    const { data: changed } = await named.update("contacts", { id: mail, data: { ...made, display_name: "D" }, previousData: made });
    assert.deepEqual({ ...changed, updated_at: made.updated_at }, { ...made, display_name: "D" });
    assert.deepEqual((await named.updateMany("contacts", { ids: [phone, mail], data: { display_name: "both" } })).data.sort(), [mail, phone]);
    assert.deepEqual(await list(), [
        { id: phone, channel: "sms", identifier: "+1 555", display_name: "both" },
        { id: mail, channel: "mail", identifier: "d@e.example", display_name: "both" },
    ]);
    await refused(named.getOne("contacts", { id: '["fax","1"]' }), 406, "PGRST116");
    assert.deepEqual(await named.deleteMany("contacts", { ids: [mail, '["fax","1"]'] }), { data: [mail] });
    assert.deepEqual((await list()).map((row) => row.id), [phone]);
}

const made = await creates();
await lists();
await filters();
await reads(made);
await refusals(made);
await writes(made);
await compoundKeys();
console.log("react-admin: all of its methods");
