// Usage: node scenario.mjs URL TOKENS
//
// Supabase's client, unmodified, on tables that the server knows by looking at the database alone.

import assert from "node:assert/strict";
import { maker, ok, refused } from "./clients.mjs";

const [url, given] = process.argv.slice(2);
const tokens = JSON.parse(given);
const make = await maker("supabase-current");
const acme = make(url, tokens.acme);
const birch = make(url, tokens.birch);

const names = (rows) => rows.map((row) => row.name);

/** Its types are PostgreSQL's, which reads and prints them. */
async function types() {
    const projects = () => acme.from("projects");
    const made = await ok(projects().insert([
        { name: "One", starts: "2026-01-06", period: "[2026-01-01,2026-02-01)", budget: 12.5, ratio: 0.1,
          scores: [1, null, 3], settings: { a: { b: 2 } } },
        { name: "Two", starts: null, period: null, budget: null, ratio: null, scores: [], settings: {} },
    ]).select(), 201);
    assert.deepEqual(made[0], {
        tenant_id: "acme", id: 1, name: "One", feeling: "calm", starts: "2026-01-06", period: "[2026-01-01,2026-02-01)",
        budget: 12.5, ratio: 0.1, scores: [1, null, 3], settings: { a: { b: 2 } }, due: "2026-01-06T08:30:00+00:00",
        words: "'one':1", lead_id: null,
    });
    const found = async (query) => names(await ok(query.select("name").order("id")));
    assert.deepEqual(await found(projects().select("name").rangeAdjacent("period", "[2026-02-01,2026-03-01)")), ["One"]);
    assert.deepEqual(await found(projects().select("name").rangeLt("period", "[2026-02-01,2026-03-01)")), ["One"]);
    assert.deepEqual(await found(projects().select("name").contains("scores", [1])), ["One"]);
    assert.deepEqual(await found(projects().select("name").overlaps("period", "[2026-01-31,2026-03-01)")), ["One"]);
    assert.deepEqual(await found(projects().select("name").textSearch("words", "one | three", { config: "simple" })), ["One"]);
    assert.deepEqual(await found(projects().select("name").in("feeling", ["calm", "keen"])), ["One", "Two"]);
    assert.deepEqual(await found(projects().select("name").eq("settings->a->b", 2)), ["One"]);
    assert.deepEqual(names(await ok(projects().select("name").order("starts", { ascending: false, nullsFirst: false }))), ["One", "Two"]);
    assert.equal((await projects().select("id,starts").csv()).data, "id,starts\n1,2026-01-06\n2,");
    assert.deepEqual(await ok(projects().select("due::text,scores::text").eq("id", 1).single()),
        { due: "2026-01-06 08:30:00+00", scores: "{1,NULL,3}" });
}

async function writes() {
    const projects = () => acme.from("projects");
    assert.deepEqual(await ok(projects().update({ feeling: "keen", budget: "99.99" }).eq("name", "One").select("feeling,budget").single()),
        { feeling: "keen", budget: 99.99 });
    assert.deepEqual(await ok(projects().upsert({ name: "One", budget: 5 }, { onConflict: "name" }).select("id,budget,feeling"), 200),
        [{ id: 1, budget: 5, feeling: "keen" }]);
    await refused(projects().select().eq("starts", "nonsense"), 400, "22P02");
    await refused(projects().insert({ name: "X", feeling: "mad" }), 400, "22P02");
    await refused(projects().insert({ name: "X", budget: "1e12" }), 400, "22003");
    await refused(projects().insert({ name: "One" }), 409, "23505");
    await refused(projects().insert({ name: null }), 400, "23502");
    await refused(projects().insert({ feeling: "calm" }), 400, "23502");
    await refused(projects().insert({ id: 9, name: "X" }), 403, "42501");
    await refused(projects().insert({ name: "X", nothing: 1 }), 400, "PGRST204");
    await refused(projects().select().like("feeling", "c%"), 400, "PGRST100");
    await refused(projects().select().gt("settings", "{"), 400, "22P02");
    // What a row doesn't say, the database does, whatever the others say.
    assert.deepEqual(await ok(projects().insert([{ name: "D1" }, { name: "D2", feeling: "keen" }], { defaultToNull: false })
        .select("name,feeling,scores"), 201), [{ name: "D1", feeling: "calm", scores: [] }, { name: "D2", feeling: "keen", scores: [] }]);
    await refused(projects().insert([{ name: "D3" }, { name: "D4", feeling: "mad" }], { defaultToNull: false }), 400, "22P02");
    await refused(projects().upsert([{ name: "D1" }, { name: "D2", budget: 1 }], { onConflict: "name", defaultToNull: false }), 400, "PGRST100");
    assert.deepEqual(names(await ok(projects().delete().like("name", "D%").select("name"))), ["D1", "D2"], "all or none are there");
    await ok(acme.from("labels").insert([{ slug: "hot", color: "red" }, { slug: "cold", color: "blue" }]), 201);
    await ok(acme.from("labels").upsert({ slug: "hot" }), 200);
    await ok(acme.from("labels").upsert([{ slug: "hot" }, { slug: "warm" }]), 201);
    await ok(acme.from("labels").delete().eq("slug", "warm"), 204);
    // A key of several columns.
    await ok(acme.from("project_labels").insert(["hot", "cold"].map((slug) => ({ project_id: 1, slug }))), 201);
    assert.deepEqual(await ok(acme.from("project_labels").update({ note: "x" }).eq("project_id", 1).select("slug,note,labels(color)")),
        [{ slug: "cold", note: "x", labels: { color: "blue" } }, { slug: "hot", note: "x", labels: { color: "red" } }]);
    assert.deepEqual(await ok(acme.from("project_labels").upsert({ project_id: 1, slug: "hot", note: "y" }).select("note")), [{ note: "y" }]);
    await refused(acme.from("project_labels").insert({ project_id: 1, slug: "none" }), 409, "23503");
}

async function embeds() {
    const [lead] = await ok(acme.from("leads").insert({ first_name: "Ada" }).select("id"));
    await ok(acme.from("projects").update({ lead_id: lead.id }).eq("id", 1), 204);
    assert.deepEqual(await ok(acme.from("leads").select("first_name,projects(name,starts)")),
        [{ first_name: "Ada", projects: [{ name: "One", starts: "2026-01-06" }] }]);
    assert.deepEqual(await ok(acme.from("projects").select("name,leads!inner(first_name),project_labels!on_project(slug,labels(color))")),
        [{ name: "One", leads: { first_name: "Ada" },
           project_labels: [{ slug: "cold", labels: { color: "blue" } }, { slug: "hot", labels: { color: "red" } }] }]);
    assert.deepEqual(await ok(acme.from("labels").select("slug,project_labels(count)").order("slug")),
        [{ slug: "cold", project_labels: [{ count: 1 }] }, { slug: "hot", project_labels: [{ count: 1 }] }]);
    // Through the relation between the two, in one step.
    const projects = () => acme.from("projects");
    const [both, one] = [[{ slug: "cold" }, { slug: "hot" }], [{ slug: "hot" }]];
    assert.deepEqual(await ok(projects().select("name,labels(slug)").order("id")),
        [{ name: "One", labels: both }, { name: "Two", labels: [] }]);
    assert.deepEqual(await ok(projects().select("name,tags:labels!project_labels(slug)").order("slug", { referencedTable: "tags", ascending: false }).eq("id", 1)),
        [{ name: "One", tags: [{ slug: "hot" }, { slug: "cold" }] }]);
    assert.deepEqual(await ok(projects().select("name,labels(slug)").order("color", { referencedTable: "labels", ascending: false })
        .limit(1, { referencedTable: "labels" }).eq("id", 1)), [{ name: "One", labels: one }]);
    assert.deepEqual(await ok(projects().select("name,labels!inner(slug)").eq("labels.color", "red")), [{ name: "One", labels: one }]);
    assert.deepEqual(await ok(projects().select("name,labels()").is("labels", null)), [{ name: "Two", labels: [] }]);
    assert.deepEqual(await ok(projects().select("name,labels(count)").order("id")),
        [{ name: "One", labels: [{ count: 2 }] }, { name: "Two", labels: [{ count: 0 }] }]);
    assert.deepEqual(await ok(acme.from("labels").select("slug,projects(name,leads(first_name))").order("slug")),
        [{ slug: "cold", projects: [{ name: "One", leads: { first_name: "Ada" } }] }, { slug: "hot", projects: [{ name: "One", leads: { first_name: "Ada" } }] }]);
    assert.deepEqual(await ok(projects().select("name,...labels(slugs:slug,colors:color)").order("slug", { referencedTable: "labels" }).order("id")),
        [{ name: "One", slugs: ["cold", "hot"], colors: ["blue", "red"] }, { name: "Two", slugs: [], colors: [] }]);
    await refused(projects().select("labels!other(slug)"), 400, "PGRST200");
    await refused(projects().select("labels(count)").eq("labels.slug", "hot"), 400, "PGRST100");
    // What a project refers to stays as long as it does.
    const stays = await refused(acme.from("leads").delete().eq("id", lead.id), 409, "23503");
    assert.match(stays.message, /others refer to this one/);
    return lead.id;
}

/** Another tenant meets its own rows alone, and what isn't there in one way. */
async function strangers(lead) {
    const nobody = "00000000-0000-4000-8000-000000000000";
    for (const table of ["projects", "labels", "project_labels"]) assert.deepEqual(await ok(birch.from(table).select()), []);
    assert.deepEqual(await ok(birch.from("projects").update({ budget: 1 }).eq("id", 1).select()), []);
    assert.deepEqual(await ok(birch.from("projects").delete().eq("id", 1).select()), []);
    const refusals = [];
    for (const id of [lead, nobody]) refusals.push(await refused(birch.from("projects").insert({ name: "One", lead_id: id }), 409, "23503"));
    assert.deepEqual(refusals[0].message, refusals[1].message);
    await refused(birch.from("projects").insert({ name: "One", tenant_id: "acme" }), 403, "42501");
    await refused(birch.from("project_labels").insert({ project_id: 1, slug: "hot" }), 409, "23503");
    // The same keys are its own to use.
    await ok(birch.from("labels").insert({ slug: "hot", color: "grey" }), 201);
    assert.deepEqual(await ok(birch.from("labels").select("color,project_labels(slug),projects(name)")), [{ color: "grey", project_labels: [], projects: [] }]);
    await ok(birch.from("labels").delete().eq("slug", "hot"), 204);
    assert.deepEqual(await ok(acme.from("labels").select("color").order("slug")), [{ color: "blue" }, { color: "red" }]);
    assert.equal((await ok(acme.from("projects").select("budget").eq("id", 1).single())).budget, 5);
}

/** Only read, in the order that is asked for. */
async function views() {
    const keen = () => acme.from("keen_projects");
    assert.deepEqual(await ok(keen().select()), [{ tenant_id: "acme", id: 1, name: "One", budget: 5 }]);
    assert.deepEqual(await ok(keen().select("name,budget::text").gt("budget", 4).order("name")), [{ name: "One", budget: "5.00" }]);
    assert.deepEqual((await keen().select("*", { count: "exact", head: true })).count, 1);
    assert.deepEqual(await ok(acme.from("keen_counts").select("n")), [{ n: 1 }]);
    for (const view of ["keen_projects", "keen_counts"]) assert.deepEqual(await ok(birch.from(view).select()), []);
    assert.deepEqual(await ok(birch.from("keen_projects").select().eq("tenant_id", "acme")), []);
    await refused(keen().insert({ name: "X" }), 403, "42501");
    await refused(keen().update({ name: "X" }).eq("id", 1), 403, "42501");
    await refused(keen().delete().eq("id", 1), 403, "42501");
    await refused(keen().select("name,leads(first_name)"), 400, "PGRST200");
    await refused(acme.from("loose_labels").select(), 404, "PGRST205");
    await refused(acme.from("all_projects").select(), 404, "PGRST205");
}

/** Told as another type, which not every value may have. */
async function casts() {
    const projects = () => acme.from("projects");
    assert.deepEqual(await ok(projects().select("budget::int,starts::timestamp,due::date,ratio::text,name::text").eq("id", 1)),
        [{ budget: 5, starts: "2026-01-06T00:00:00", due: "2026-01-06", ratio: "0.1", name: "One" }]);
    await refused(projects().select("name::int"), 400, "22P02");
    await refused(projects().select("scores::int"), 400, "42846");
    await refused(projects().select("name::interval"), 400, "42704");
    // What has been written can be told.
    assert.deepEqual(await ok(projects().update({ ratio: 0.2 }).eq("id", 1).select("due::date")), [{ due: "2026-01-06" }]);
    await refused(projects().update({ ratio: 0.3 }).eq("id", 1).select("name::int"), 400, "PGRST100");
    assert.deepEqual(await ok(projects().select("ratio").eq("id", 1)), [{ ratio: 0.2 }]);
}

await types();
await writes();
await views();
await casts();
await strangers(await embeds());
