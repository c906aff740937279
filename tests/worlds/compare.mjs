// The same requests in two worlds that differ only in what another tenant has.

import assert from "node:assert/strict";
import { calls } from "../differential/calls.mjs";
import { exchange, post, shown } from "../differential/exchange.mjs";
import { read } from "../differential/requests.mjs";
import { Random } from "../differential/vocabulary.mjs";
import { World, latestIn } from "./common.mjs";
import { draw } from "./requests.mjs";
import { population, relations } from "./vocabulary.mjs";

const requests = Number(process.env.REQUESTS ?? 3_000);
const seed = Number(process.env.SEED ?? 1);
const rowsAtOnce = 200;
const refilledEach = 500;
const pageRows = 1_000;
const strangersMore = 1_200;

/** Requests that make these rows, so many at a time. */
function* making(rowsOf, atOnce = rowsAtOnce) {
    for (const [relation, rows] of rowsOf)
        for (let from = 0; from < rows.length; from += atOnce) yield post(relation, rows.slice(from, from + atOnce));
}

/** All that a tenant has, as it can see it. */
async function everything(url, token) {
    let out = "";
    for (const { name } of relations) {
        for (let offset = 0, total = 1; offset < total; offset += pageRows) {
            const request = { method: "GET", path: `/${name}?order=id&limit=${pageRows}&offset=${offset}`, headers: { Prefer: "count=exact" } };
            const { status, headers, bytes } = await exchange(url, request, token);
            assert(status < 300, bytes.toString());
            const range = headers.get("content-range");
            total = Number(range.split("/")[1]);
            out += `${name} ${range}\n${bytes.toString("latin1")}\n`;
        }
    }
    return out;
}

/** Ids that the server makes are ordered by their milliseconds. */
function awaitMillisecond() {
    const now = Date.now();
    while (Date.now() === now);
}

/** Of two texts that differ, what stands where they part. */
function parting(one, other) {
    let from = 0;
    while (one[from] === other[from]) ++from;
    return [one, other].map((text) => Buffer.from(text.slice(Math.max(0, from - 200), from + 200), "latin1").toString());
}

function difference(number, request, answers, forms) {
    const parts = parting(...forms);
    const told = ["without", "with"].map((world, n) => {
        const { status, headers, bytes } = answers[n];
        return `--- ${world} the other tenant's rows: ${status} ${JSON.stringify([...headers])}\n${bytes.toString().slice(0, 4_000)}\n` +
            `    where they part: …${parts[n]}…`;
    });
    return new Error(`SEED=${seed}, request ${number} of ${requests}: the worlds differ\n${shown(request)}\n${told.join("\n")}`);
}

/** What the other tenant gets of such reads is different, or they would prove nothing. */
async function checkThatReadsTell(worlds) {
    const random = new Random(seed + 1);
    const tried = { same: 0, different: 0 };
    for (let i = 0; i < 100; ++i) {
        const request = read(random, relations);
        const [one, other] = await Promise.all(worlds.map(({ url, stranger }) => exchange(url, request, stranger)));
        if (other.status >= 400) continue;
        ++tried[one.status === other.status && one.bytes.equals(other.bytes) ? "same" : "different"];
    }
    assert(tried.different > tried.same, JSON.stringify(tried));
}

/**
 * Each of `[without, withOther]` has its `url`, the `token` that asks, and the `stranger`'s. The
 * stranger's rows have all ids and keys that requests can name, and many more.
 */
export async function compare(worlds) {
    const random = new Random(seed);
    const [, withOther] = worlds;
    for (const request of making(population(random, 1, strangersMore))) {
        const made = await exchange(withOther.url, request, withOther.stranger);
        assert.equal(made.status, 201, made.bytes.toString());
    }
    const before = await Promise.all(worlds.map(({ url, stranger }) => everything(url, stranger)));
    await checkThatReadsTell(worlds);

    const forms = worlds.map(() => new World(latestIn(before[1])));
    const counts = {};
    const both = async (request, number = 0) => {
        const answers = await Promise.all(worlds.map(({ url, token }) => exchange(url, request, token)));
        const common = answers.map((answer, n) => forms[n].common(request, answer));
        if (common[0] !== common[1]) throw difference(number, request, answers, common);
        return answers[0].status;
    };
    for (const request of making(population(random, 0.5, 0))) assert.equal(await both(request), 201);
    for (let number = 1; number <= requests; ++number) {
        const request = draw(random);
        const status = await both(request, number);
        counts[status] = (counts[status] ?? 0) + 1;
        if (request.makesId) awaitMillisecond();
        // Some requests delete all there is, and of nothing little can be told.
        if (number % refilledEach !== 0) continue;
        for (const call of calls) await both(call, number);
        for (const more of making(population(random, 0.5, 0), 1)) await both(more, number);
    }
    for (const { name } of relations) await both({ method: "GET", path: `/${name}?order=id`, headers: { Prefer: "count=exact" } });

    const after = await Promise.all(worlds.map(({ url, stranger }) => everything(url, stranger)));
    after.forEach((now, n) => {
        if (now === before[n]) return;
        throw new Error(`SEED=${seed}: what the other tenant has is not what it had, here before and after:\n…${parting(before[n], now).join("…\n…")}…`);
    });
    console.log(`${requests} requests, by status ${JSON.stringify(counts)}: the same in both worlds`);
}
