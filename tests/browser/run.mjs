// Usage: node run.mjs TENANTRY WORK_FOLDER
//
// examples/live-leads as people use it: in a real browser, by the real client, over a network that
// fails. Two tenants look at their leads. The network is cut, the leads go on changing; when it is
// back, each page has to show what the API has: nothing missing, nothing twice, nothing of the other.
//
// Nothing sleeps: everything waits for what it has brought about, a minute at the most.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { prepare, run, withServer } from "../client/harness.mjs";
import { LivePage } from "./page.mjs";
import { Network } from "./proxy.mjs";

const [program, work] = process.argv.slice(2);
const source = dirname(fileURLToPath(import.meta.url));
const example = join(source, "../../examples/live-leads");

prepare(source, work, []);
prepare(example, join(work, "page"), ["index.html", "app.js", "style.css", "serve.mjs"]);
const { launch } = await import(pathToFileURL(join(work, "node_modules/puppeteer-core/lib/esm/puppeteer/puppeteer-core.js")));
const { serve } = await import(pathToFileURL(join(work, "page/serve.mjs")));

const fresh = (name) => {
    const folder = join(work, name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    return folder;
};
const database = `sqlite:${join(fresh("data"), "browser.db")}`;
const tenantry = (...parameters) => run(work, program, ...parameters, "--database", database);

function chromium() {
    try {
        return execFileSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" }).trim();
    } catch {
        throw new Error("there is no chromium: scripts/packages/ensure test installs it");
    }
}

function browse() {
    const home = fresh("browser");
    return launch({
        executablePath: chromium(),
        userDataDir: join(home, "profile"),
        env: { ...process.env, HOME: home },
        timeout: 60_000,
        // The browser ends when this process does, however that ends.
        pipe: true,
        handleSIGINT: false,
        handleSIGTERM: false,
        // Its sandbox doesn't work for root; the pages here are our own.
        args: ["--disable-dev-shm-usage", ...(process.getuid() === 0 ? ["--no-sandbox"] : [])],
    });
}

/** One tenant, by the API, past the network of the pages. */
class Tenant {
    constructor(id) {
        this.id = id;
        tenantry("tenant", "create", id, "--name", id);
        this.token = tenantry("token", "--tenant", id, "--user", "tester", "--role", "admin").trim();
    }

    async #ask(method, path, body) {
        const answer = await fetch(`${this.url}${path}`, {
            method,
            headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
            body: body && JSON.stringify(body),
        });
        assert(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
        return answer.status === 204 ? undefined : answer.json();
    }

    create = (lead) => this.#ask("POST", "/api/leads", lead);
    change = (id, lead) => this.#ask("PATCH", `/api/leads/${id}`, lead);
    remove = (id) => this.#ask("DELETE", `/api/leads/${id}`);
    place = async () => (await this.#ask("GET", "/api/sync")).next;

    /** All leads as the page has to show them. */
    async leads() {
        const { leads } = await this.#ask("GET", "/api/leads");
        return leads.map(({ id, first_name, city, status, score }) => [id, first_name, city ?? "", status, String(score ?? "")]);
    }
}

/** `page` shows what the API has, and holds the place behind it. */
async function upToDate(page, tenant) {
    await page.state("live");
    await page.place(await tenant.place());
    await page.leads(await tenant.leads());
}

const markup = `<img src="x" onerror="globalThis.ran = true">`;

async function scenario(acme, birch, network, open) {
    const there = await acme.create({ first_name: "There before", city: "Oslo", score: 12.5 });
    await birch.create({ first_name: "Birch's own" });
    const [a, b] = await Promise.all([open(acme), open(birch)]);
    await upToDate(a, acme);
    await upToDate(b, birch);
    assert.equal(await a.evaluate(() => location.href.includes("token")), false);

    // Live.
    const made = await acme.create({ first_name: "Live", city: "Bergen" });
    await acme.change(made.id, { status: "contacted" });
    await acme.create({ first_name: markup, city: markup });
    await upToDate(a, acme);
    const live = [["INSERT", "Live"], ["UPDATE", "Live"], ["INSERT", markup]];
    await a.changes(live);

    // Cut off, until a client has tried in vain to come back.
    const before = await acme.leads();
    network.cut();
    await Promise.all([a.state("cut"), b.state("cut")]);
    await network.refusal();
    const missed = ["Missed 1", "Missed 2", "Missed 3", "Missed 4", "Missed 5"];
    for (const first_name of missed) await acme.create({ first_name, score: 87.25 });
    await acme.change(there.id, { first_name: "Changed", status: "qualified" });
    await acme.remove(made.id);
    await a.leads(before);

    // Back.
    network.mend();
    await upToDate(a, acme);
    const whole = [...live, ...missed.map((name) => ["INSERT", name]), ["UPDATE", "Changed"], ["DELETE", "Live"]];
    await a.changes(whole);
    await upToDate(b, birch);
    await b.heartbeat();
    assert.deepEqual(b.messages.changes, []);
    await b.changes([]);

    // The other way round.
    await birch.create({ first_name: "Birch's new", city: "Riga" });
    await upToDate(b, birch);
    await b.changes([["INSERT", "Birch's new"]]);
    await acme.create({ first_name: "Afterwards" });
    await upToDate(a, acme);
    whole.push(["INSERT", "Afterwards"]);
    await a.changes(whole);
    assert.equal(a.messages.changes.length, whole.length);
    for (const [page, other] of [[a, birch], [b, acme]])
        assert.deepEqual(page.messages.all.filter(({ text }) => text.includes(`"${other.id}"`)), []);

    // A name is a name; set as markup, as it is at the end, it would have run.
    assert.equal(await a.evaluate(() => document.images.length), 0);
    assert.equal(await a.evaluate(() => globalThis.ran), undefined);
    assert.equal(await a.evaluate(ranAsMarkup, markup), true);
    assert.deepEqual([...a.faults, ...b.faults], []);
}

function ranAsMarkup(html) {
    const parent = document.createElement("div");
    parent.innerHTML = html;
    return new Promise((resolve) => {
        parent.firstChild.addEventListener("error", () => resolve(globalThis.ran));
    });
}

const site = await serve(0);
const origin = `http://127.0.0.1:${site.address().port}`;
process.env.TENANTRY_CORS_ORIGINS = origin;
tenantry("migrate");
const tenants = [new Tenant("acme"), new Tenant("birch")];

await withServer(program, database, async (url) => {
    for (const tenant of tenants) tenant.url = url;
    const network = await Network.to(url);
    const browser = await browse();
    const gone = new Promise((_, reject) => {
        browser.once("disconnected", () => reject(new Error("the browser has gone")));
    });
    const pages = [];
    const open = async (tenant) => {
        const page = await LivePage.open(browser, origin, network.url, tenant.token);
        pages.push(page);
        return page;
    };
    try {
        await Promise.race([scenario(...tenants, network, open), gone]);
    } catch (failure) {
        if (browser.connected) for (const page of pages) console.error(await page.account());
        throw failure;
    } finally {
        await browser.close();
        network.close();
    }
});
site.close();
console.log("both pages have shown what is theirs");
