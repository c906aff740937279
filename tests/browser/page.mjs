// The example page in a browser, as somebody sees it who looks at it: what it shows and, below that,
// what its socket has brought.

import assert from "node:assert/strict";
import { EventEmitter, on } from "node:events";
import { inspect } from "node:util";

const ceiling = { timeout: 60_000 };

/** Each WebSocket message that a page gets or sends, taken apart (protocol version 2.0.0). */
class Messages extends EventEmitter {
    all = [];

    static async of(page) {
        const messages = new Messages();
        const session = await page.createCDPSession();
        const taken = (way) => ({ response }) => messages.#take(way, response.payloadData);
        session.on("Network.webSocketFrameReceived", taken("in"));
        session.on("Network.webSocketFrameSent", taken("out"));
        await session.send("Network.enable");
        return messages;
    }

    #take(way, text) {
        const [, ref, topic, event, payload] = JSON.parse(text);
        const message = { way, ref, topic, event, payload, text };
        this.all.push(message);
        this.emit("message", message);
    }

    /** The first one from now on that is like this. */
    async next(like) {
        for await (const [message] of on(this, "message", { signal: AbortSignal.timeout(ceiling.timeout) })) {
            if (like(message)) return message;
        }
    }

    get changes() {
        return this.all.filter(({ way, event }) => way === "in" && event === "postgres_changes");
    }
}

export class LivePage {
    #page;

    /** Opens it as a link with the server and the token behind the # does. */
    static async open(browser, site, server, token) {
        // A context of its own: no cache, storage or connections shared with another tenant's page.
        const context = await browser.createBrowserContext();
        const live = new LivePage();
        live.#page = await context.newPage();
        live.#page.setDefaultTimeout(ceiling.timeout);
        live.faults = [];
        live.#page.on("pageerror", (fault) => live.faults.push(fault));
        // What the page does to be safe has to be enough without its policy.
        await live.#page.setBypassCSP(true);
        live.messages = await Messages.of(live.#page);
        await live.#page.goto(`${site}/#${new URLSearchParams({ url: server, token })}`);
        return live;
    }

    /** Waits until `look`, a function that runs in the page, gives `expected`; else says what it gave. */
    async shows(look, expected) {
        const same = new Function("expected", `return JSON.stringify((${look})()) === expected`);
        try {
            await this.#page.waitForFunction(same, { polling: "mutation", ...ceiling }, JSON.stringify(expected));
        } catch (failure) {
            assert.deepEqual(await this.#page.evaluate(look), expected);
            throw failure;
        }
    }

    evaluate(look, ...parameters) {
        return this.#page.evaluate(look, ...parameters);
    }

    state(expected) {
        return this.shows(() => document.getElementById("state").dataset.state, expected);
    }

    place(expected) {
        return this.shows(() => document.getElementById("place").textContent, expected);
    }

    leads(expected) {
        return this.shows(
            () => Array.from(document.querySelectorAll("#leads tbody tr"), (row) => [
                row.dataset.id,
                ...Array.from(row.cells, (cell) => cell.textContent),
            ]),
            expected,
        );
    }

    /** The list of changes, the oldest first. */
    changes(expected) {
        return this.shows(
            () => Array.from(document.querySelectorAll("#changes li"), (entry) => [
                entry.dataset.kind,
                entry.querySelector("span").textContent,
            ]).reverse(),
            expected,
        );
    }

    /** Asks the server for a sign of life, as the client does now and then, and gets it. */
    async heartbeat() {
        const asked = await this.messages.next(({ way, event }) => way === "out" && event === "heartbeat");
        await this.messages.next(({ way, topic, ref }) => way === "in" && topic === "phoenix" && ref === asked.ref);
    }

    /** What is needed to understand a failure. */
    async account() {
        const state = await this.evaluate(() => document.body.innerText).catch(String);
        return `${state}\n${this.messages.all.map(({ way, text }) => `${way} ${text}`).join("\n")}\n${inspect(this.faults)}`;
    }
}
