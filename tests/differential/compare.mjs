// The same requests to both, one after the other, and what of the answers must be the same.

import assert from "node:assert/strict";
import { calls } from "./calls.mjs";
import { exchange, post, shown } from "./exchange.mjs";
import { read, relations, write } from "./requests.mjs";
import { Random, agentIds, columnsOf, leadIds } from "./vocabulary.mjs";

const requests = Number(process.env.REQUESTS ?? 20_000);
const seed = Number(process.env.SEED ?? 1);
const compared = ["content-range", "location", "preference-applied"];

async function answer(base, request, token) {
    const { status, headers, bytes } = await exchange(base, request, token);
    const text = bytes.toString();
    const type = headers.get("content-type") ?? "";
    const out = { status, body: type.includes("json") && text !== "" ? JSON.parse(text) : text };
    for (const name of compared) out[name] = headers.get(name);
    return out;
}

/**
 * What is left when differences that docs/rest.md explains are taken out: of errors the code counts,
 * of rows that were written not the order.
 */
function essence(request, given) {
    const out = { ...given };
    // Of a function that gives no rows PostgREST's CSV is an empty line.
    if (out.body === "\n") out.body = "";
    const isWrite = !["GET", "HEAD"].includes(request.method);
    // Of several constraints that a row breaks, either may be named.
    // A search that isn't understood is refused as all else that isn't.
    // A value that isn't of a type is told alike, whatever the type is.
    const alike = { 23503: "23505", 42601: "PGRST100", 22007: "22P02", 22008: "22P02", 22023: "22P02" };
    // How many rows an object would be made of is looked at before they are written, not after.
    const isObject = request.headers.Accept?.includes("object");
    if (isWrite && isObject && [406, 409].includes(out.status)) return { status: "406 or 409" };
    if (out.status >= 300) return { status: out.status, code: alike[out.body?.code] ?? out.body?.code ?? null };
    if (isWrite) out.body = sorted(out.body);
    out["preference-applied"] = out["preference-applied"]?.split(/, */).sort().join() ?? null;
    return out;
}

/** PostgREST embeds in what was written without regard to any order. */
function sorted(value) {
    if (Array.isArray(value)) return value.map((each) => JSON.stringify(sorted(each))).sort();
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
}

/** A null within JSON is cast to none here, as by PostgreSQL 18; PostgreSQL 15 refuses it. */
const castsNull = ({ body }) => body?.code === "22023" && body.message.startsWith("cannot cast jsonb null");

function same(a, b) {
    try {
        assert.deepStrictEqual(a, b);
        return true;
    } catch {
        return false;
    }
}

export async function compare({ url, token, stranger, peer }) {
    const random = new Random(seed);
    const counts = {};
    let differences = 0;
    const both = async (request) => {
        const ours = await answer(url, request, token);
        const theirs = await answer(peer, request);
        const one = essence(request, ours);
        const other = essence(request, theirs);
        counts[one.status] = (counts[one.status] ?? 0) + 1;
        if (same(one, other) || castsNull(theirs)) return;
        ++differences;
        console.log(shown(request));
        console.log(`  Tenantry  ${JSON.stringify(ours).slice(0, 600)}\n  PostgREST ${JSON.stringify(theirs).slice(0, 600)}`);
    };
    const agents = agentIds.slice(0, 4).map((id, n) => ({ id, name: ["Ann", "Bo", "Cleo", "Bo"][n], email: `a${n}@x.example` }));
    const leads = leadIds.slice(0, 20).map((id, n) => ({ id, first_name: "Ada", assigned_agent: n % 3 ? agentIds[n % 4] : null }));
    await both(post("agents", agents));
    await both(post("leads", leads));
    // Another tenant has rows of the same ids and keys, which show nowhere.
    for (const [relation, rows] of [["agents", agents], ["leads", leads.map((lead, n) => ({ ...lead, first_name: "theirs", email: `p${n}@x.example` }))]]) {
        const made = await answer(url, post(relation, rows), stranger);
        assert.equal(made.status, 201, JSON.stringify(made));
    }
    for (let i = 0; i < requests && differences < 10; ++i) await both(random.once(4) ? write(random) : read(random));
    for (const call of calls) await both(call);
    for (const relation of relations)
        await both({ method: "GET", path: `/${relation.name}?order=id&select=${columnsOf(relation)}`, headers: {} });
    const theirs = await answer(url, { method: "GET", path: "/leads?select=first_name", headers: {} }, stranger);
    assert.deepEqual(theirs.body, leads.map(() => ({ first_name: "theirs" })));
    console.log(`${requests} requests, by status ${JSON.stringify(counts)}: ${differences} differences`);
    assert.equal(differences, 0);
}
