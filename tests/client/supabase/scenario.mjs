// Usage: node scenario.mjs CLIENT URL TOKENS
//
// What a front end does with the rows of its tenant, step by step, and what another tenant sees of it.

import assert from "node:assert/strict";
import { maker, ok, refused } from "./clients.mjs";

const [name, url, given] = process.argv.slice(2);
const tokens = JSON.parse(given);
const make = await maker(name);
const acme = make(url, tokens.acme[0]);
const birch = make(url, tokens.birch[0]);

async function counted(query, count) {
    const answer = await query;
    assert.equal(answer.error, null, JSON.stringify(answer.error));
    assert.equal(answer.count, count);
    return answer.data;
}

const names = (rows) => rows.map((row) => row.first_name);

async function inserts() {
    const agents = await ok(
        acme.from("agents").insert([
            { name: "Ana", email: "ana@acme.example", specialties: ["condo", "luxury homes"] },
            { name: "Bo", email: "bo@acme.example", specialties: [] },
        ]).select(),
        201,
    );
    assert.deepEqual(agents.map((agent) => agent.name), ["Ana", "Bo"]);
    assert.match(agents[0].created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/);
    assert.equal(agents[0].tenant_id, "acme");

    assert.equal(await ok(acme.from("leads").insert({ first_name: "Zoë" }), 201), null);
    const made = await ok(
        acme.from("leads").insert([
            { first_name: "Ada", city: "Toronto", score: 87.5, status: "qualified", tags: ["vip", "a b"],
              assigned_agent: agents[0].id, email: "Ada@Example.com", metadata: { utm: { source: "ad" }, n: 5 } },
            { first_name: "Bob", city: "Oslo", score: 12, assigned_agent: agents[1].id, metadata: { n: 7, list: [1, "x"] } },
            { first_name: "Cy_100%", city: "toronto", tags: ["vip"] },
        ], { defaultToNull: false }).select("id,first_name,email,score,tags,metadata,agent:agents(name)"),
        201,
    );
    assert.deepEqual(names(made), ["Ada", "Bob", "Cy_100%"]);
    assert.deepEqual(made[0].agent, { name: "Ana" });
    assert.equal(made[2].agent, null);
    assert.deepEqual([made[0].email, made[0].score, made[0].tags], ["ada@example.com", 87.5, ["vip", "a b"]]);
    assert.deepEqual(made[0].metadata, { utm: { source: "ad" }, n: 5 });
    const one = await ok(acme.from("events").insert({ type: "call", lead_id: made[0].id, direction: "in" }).select("type,leads(first_name)").single(), 201);
    assert.deepEqual(one, { type: "call", leads: { first_name: "Ada" } });
    await ok(acme.from("events").insert({ type: "note", lead_id: made[0].id }));
    assert.equal(await ok(acme.from("leads").insert([]), 201), null);
    return made;
}

async function filters() {
    const leads = () => acme.from("leads").select("first_name").order("first_name");
    const expect = async (query, ...expected) => assert.deepEqual(names(await ok(query)), expected);
    await expect(leads(), "Ada", "Bob", "Cy_100%", "Zoë");
    await expect(leads().eq("city", "Toronto"), "Ada");
    await expect(leads().neq("city", "Toronto"), "Bob", "Cy_100%");
    await expect(leads().gt("score", 12), "Ada");
    await expect(leads().gte("score", 12).lt("score", 90), "Ada", "Bob");
    await expect(leads().lte("score", 12), "Bob");
    await expect(leads().like("city", "T%"), "Ada");
    await expect(leads().ilike("city", "t*o"), "Ada", "Cy_100%");
    await expect(leads().ilike("city", "%ORO%"), "Ada", "Cy_100%");
    await expect(leads().like("first_name", "%\\_100\\%"), "Cy_100%");
    await expect(leads().ilike("first_name", "zoË"), "Zoë");
    await expect(leads().in("first_name", ["Ada", "Bob", "a,b(c)"]), "Ada", "Bob");
    await expect(leads().is("city", null), "Zoë");
    await expect(leads().not("city", "is", null), "Ada", "Bob", "Cy_100%");
    await expect(leads().contains("tags", ["vip", "a b"]), "Ada");
    await expect(leads().containedBy("tags", ["vip", "x"]), "Bob", "Cy_100%", "Zoë");
    await expect(leads().overlaps("tags", ["x", "a b"]), "Ada");
    await expect(leads().contains("metadata", { utm: { source: "ad" } }), "Ada");
    await expect(leads().eq("metadata->utm->>source", "ad"), "Ada");
    await expect(leads().gt("metadata->n", 5), "Bob");
    await expect(leads().eq("metadata->list->>-1", "x"), "Bob");
    await expect(leads().or("city.eq.Oslo,and(score.gt.80,status.eq.qualified)"), "Ada", "Bob");
    await expect(leads().not("first_name", "in", "(Ada,Bob)"), "Cy_100%", "Zoë");
    await expect(leads().filter("city", "match", "^[TO]"), "Ada", "Bob");
    await expect(leads().filter("city", "imatch", "^t"), "Ada", "Cy_100%");
    await expect(leads().filter("city", "isdistinct", "Oslo"), "Ada", "Cy_100%", "Zoë");
    await expect(leads().filter("city", "eq(any)", "{Oslo,Toronto}"), "Ada", "Bob");
    await expect(leads().match({ city: "Oslo", first_name: "Bob" }), "Bob");
    if (leads().likeAnyOf) await expect(leads().likeAnyOf("city", ["Os%", "To%"]), "Ada", "Bob");
}

async function pages() {
    const leads = (options) => acme.from("leads").select("first_name", options).order("first_name");
    assert.deepEqual(names(await counted(leads({ count: "exact" }).range(1, 2), 4)), ["Bob", "Cy_100%"]);
    assert.deepEqual(names(await ok(leads().limit(1))), ["Ada"]);
    assert.deepEqual(names(await counted(leads({ count: "estimated" }).limit(10), 4)).length, 4);
    assert.equal(await counted(leads({ count: "exact", head: true }), 4), null);
    assert.equal(await counted(acme.from("leads").select("*", { count: "exact", head: true }).eq("city", "none"), 0), null);
    await refused(leads({ count: "exact" }).range(10, 20), 416, "PGRST103");
    // As in PostgreSQL, nulls come first where it goes down.
    const down = names(await ok(acme.from("leads").select("first_name").order("score", { ascending: false }).order("first_name")));
    assert.deepEqual(down, ["Cy_100%", "Zoë", "Ada", "Bob"]);
    assert.deepEqual(names(await ok(acme.from("leads").select("first_name").order("score", { ascending: false, nullsFirst: false }).order("first_name"))),
        ["Ada", "Bob", "Cy_100%", "Zoë"]);
}

async function shapes() {
    const ada = () => acme.from("leads");
    assert.deepEqual(await ok(ada().select("name:first_name,score::text,source:metadata->utm->>source,metadata->n,city").eq("first_name", "Ada").single()),
        { name: "Ada", score: "87.50", source: "ad", n: 5, city: "Toronto" });
    assert.deepEqual(await ok(ada().select("first_name,agents!inner(name)").eq("agents.name", "Ana")), [{ first_name: "Ada", agents: { name: "Ana" } }]);
    assert.deepEqual(await ok(ada().select("first_name,events(type)").eq("first_name", "Ada").order("type", { referencedTable: "events", ascending: false }).limit(1, { referencedTable: "events" }).single()),
        { first_name: "Ada", events: [{ type: "note" }] });
    assert.deepEqual(await ok(ada().select("first_name,events(count)").order("first_name").limit(2)),
        [{ first_name: "Ada", events: [{ count: 2 }] }, { first_name: "Bob", events: [{ count: 0 }] }]);
    assert.deepEqual(await ok(ada().select("first_name,events!inner(type)").eq("events.type", "note")), [{ first_name: "Ada", events: [{ type: "note" }] }]);
    assert.deepEqual(await ok(ada().select("first_name,...agents(agent:name)").in("first_name", ["Ada", "Zoë"]).order("first_name")),
        [{ first_name: "Ada", agent: "Ana" }, { first_name: "Zoë", agent: null }]);
    assert.deepEqual(names(await ok(ada().select("first_name,events()").is("events", null).order("first_name"))), ["Bob", "Cy_100%", "Zoë"]);
    assert.deepEqual(await ok(acme.from("agents").select("name,leads(first_name)").eq("leads.city", "Oslo").order("name")),
        [{ name: "Ana", leads: [] }, { name: "Bo", leads: [{ first_name: "Bob" }] }]);
    assert.equal(await ok(ada().select("first_name,tags").in("first_name", ["Ada", "Zoë"]).order("first_name").csv()),
        'first_name,tags\nAda,"{vip,""a b""}"\nZoë,{}');
    assert.equal((await ok(ada().select("id").eq("first_name", "nobody").maybeSingle())), null);
    const error = await refused(ada().select("id").single(), 406, "PGRST116");
    assert.match(error.details, /4 rows/);
    assert.match((await refused(ada().select("id").eq("first_name", "nobody").single(), 406, "PGRST116")).details, /0 rows/);
}

async function writes(made) {
    const [ada, bob] = made;
    assert.equal(await ok(acme.from("leads").update({ city: "Bergen" }).eq("id", bob.id), 204), null);
    assert.deepEqual(await ok(acme.from("leads").update({ status: "contacted" }).eq("id", bob.id).select("city,status,agents(name)"), 200),
        [{ city: "Bergen", status: "contacted", agents: { name: "Bo" } }]);
    const whole = await ok(acme.from("leads").select().eq("id", ada.id).single());
    const again = await ok(acme.from("leads").update({ ...whole, timeline: "soon" }).eq("id", ada.id).select().single());
    assert.equal(again.timeline, "soon");
    assert.notEqual(again.updated_at, whole.updated_at);
    assert.deepEqual(await ok(acme.from("leads").update({ city: "x" }).eq("first_name", "nobody").select()), []);
    assert.equal((await acme.from("leads").update({ source: "web" }, { count: "exact" }).gte("first_name", "A")).count, 4);
    await refused(acme.from("leads").update({ city: "none" }).gte("first_name", "A").select().single(), 406, "PGRST116");
    assert.deepEqual(await ok(acme.from("leads").select("id").eq("city", "none")), []);

    assert.deepEqual(await ok(acme.from("contacts").upsert([{ channel: "sms", identifier: "1", display_name: "one" }, { channel: "sms", identifier: "2" }], { onConflict: "channel,identifier" }).select("identifier,display_name"), 201),
        [{ identifier: "1", display_name: "one" }, { identifier: "2", display_name: null }]);
    const merged = await ok(acme.from("contacts").upsert({ channel: "sms", identifier: "1", display_name: "uno" }, { onConflict: "channel,identifier" }).select("id,display_name,verified").single(), 200);
    assert.deepEqual([merged.display_name, merged.verified], ["uno", false]);
    assert.deepEqual(await ok(acme.from("contacts").upsert({ channel: "sms", identifier: "1", display_name: "ein" }, { onConflict: "channel,identifier", ignoreDuplicates: true }).select()), []);
    await ok(acme.from("contacts").upsert({ id: merged.id, channel: "sms", identifier: "1", display_name: "by id" }));
    assert.equal((await ok(acme.from("contacts").select("display_name").eq("id", merged.id).single())).display_name, "by id");
    await refused(acme.from("contacts").upsert({ channel: "sms", identifier: "1" }, { onConflict: "channel" }), 400, "42P10");

    assert.deepEqual(await ok(acme.from("contacts").delete().eq("identifier", "2").select("identifier"), 200), [{ identifier: "2" }]);
    assert.equal(await ok(acme.from("contacts").delete().eq("identifier", "2"), 204), null);
    assert.equal((await acme.from("contacts").delete({ count: "exact" }).eq("identifier", "1")).count, 1);
}

async function refusals(made) {
    await refused(acme.from("leads").insert({ first_name: "Eve", email: "ada@example.com" }), 409, "23505");
    await refused(acme.from("leads").insert({ last_name: "Nobody" }), 400, "23502");
    await refused(acme.from("leads").insert({ first_name: "Eve", assigned_agent: made[0].id }), 409, "23503");
    await refused(acme.from("leads").insert({ first_name: "Eve", status: "odd" }), 400, "22P02");
    await refused(acme.from("leads").insert({ first_name: "Eve", colour: "red" }), 400, "PGRST204");
    await refused(acme.from("leads").select("colour"), 400, "42703");
    await refused(acme.from("leads").select("*").eq("colour", "red"), 400, "42703");
    await refused(acme.from("leads").select("*").eq("id", "7"), 400, "22P02");
    await refused(acme.from("leads").select("*").filter("city", "near", "x"), 400, "PGRST100");
    await refused(acme.from("leads").select("*,invoices(*)"), 400, "PGRST200");
    await refused(acme.from("leads").select("*").eq("events.type", "call"), 400, "PGRST108");
    await refused(acme.from("invoices").select("*"), 404, "PGRST205");
    await refused(acme.from("tenants").select("*"), 404, "PGRST205");
    await refused(acme.rpc("anything"), 404, "PGRST202");
    await refused(acme.from("identities").select("cookies"), 400, "42703");
    await refused(acme.from("events").update({ type: "x" }).eq("type", "call"), 403, "42501");
    await refused(acme.from("events").delete().eq("type", "call"), 403, "42501");
    await refused(make(url, "no token").from("leads").select("*"), 401, "PGRST301");
    assert.deepEqual(await ok(acme.from("leads").select("first_name").eq("first_name", "Eve")), []);
}

async function anotherTenant(made) {
    const id = made[0].id;
    for (const relation of ["leads", "agents", "events", "contacts", "icp_profiles", "identities", "approvals"]) {
        assert.deepEqual(await ok(birch.from(relation).select("*")), []);
        assert.equal(await counted(birch.from(relation).select("*", { count: "exact", head: true }), 0), null);
    }
    assert.deepEqual(await ok(birch.from("leads").select("*,agents(*),events(*)").eq("id", id)), []);
    assert.match((await refused(birch.from("leads").select().eq("id", id).single(), 406, "PGRST116")).details, /0 rows/);
    assert.deepEqual(await ok(birch.from("leads").update({ city: "stolen" }).eq("id", id).select()), []);
    assert.deepEqual(await ok(birch.from("leads").delete().eq("id", id).select()), []);
    assert.equal(await ok(birch.from("leads").delete().neq("first_name", ""), 204), null);
    await refused(birch.from("leads").insert({ first_name: "Mallory", tenant_id: "acme" }), 403, "42501");
    await refused(birch.from("leads").update({ tenant_id: "acme" }).gte("first_name", ""), 403, "42501");
    // A reference to a row that isn't the tenant's fails as one to a row that isn't there.
    const theirs = await refused(birch.from("events").insert({ type: "call", lead_id: id }), 409, "23503");
    const nobodys = await refused(birch.from("events").insert({ type: "call", lead_id: "00000000-0000-7000-8000-000000000000" }), 409, "23503");
    assert.deepEqual(theirs, nobodys);
    // Keys are the tenant's own: neither is it told that one is taken elsewhere.
    const own = await ok(birch.from("leads").insert({ first_name: "Ada", email: "ada@example.com" }).select().single(), 201);
    const same = await ok(birch.from("leads").upsert({ id, first_name: "Same id" }).select("tenant_id,first_name").single());
    assert.deepEqual(same, { tenant_id: "birch", first_name: "Same id" });
    assert.deepEqual(await ok(acme.from("leads").select("first_name").eq("id", id)), [{ first_name: "Ada" }]);
    await ok(birch.from("leads").delete().in("id", [own.id, id]));
    assert.equal(await counted(acme.from("leads").select("*", { count: "exact", head: true }), 4), null);
}

const made = await inserts();
await filters();
await pages();
await shapes();
await refusals(made);
await writes(made);
await anotherTenant(made);
console.log(`${name}: all of it`);
