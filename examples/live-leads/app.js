// The leads of one tenant, live, by the unmodified supabase-js.
//
// First the page asks for its place in the tenant's feed, then it reads the leads, then it follows the
// changes after that place. What is committed in between is in the rows and comes once more as a
// change; a change carries the whole lead, so taking one twice does no harm, and none can be missed.
// From then on the server tells the place after each batch of changes, and the page hands it back
// whenever it joins again: after a cut, however long, the changes go on where they stopped.
//
// A lead is what strangers have typed. Everything of it goes into the page as text, never as markup.

const { createClient } = globalThis.supabase;

const shown_max = 200;
const changes_max = 50;
const retry_pause = 5_000;

const $ = (id) => document.getElementById(id);
const nameOf = (lead) => [lead.first_name, lead.last_name].filter(Boolean).join(" ") || "(no name)";
const clock = (time) => new Date(time).toLocaleTimeString("en-GB");

// --- what is on the page ------------------------------------------------------------------------

function element(tag, text, attributes = {}) {
    const made = document.createElement(tag);
    made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
}

/** States: idle, reading, live, cut (comes back by itself), ended (does not). */
function tell(state, text) {
    $("state").dataset.state = state;
    $("state").textContent = text;
}

const leads = new Map();  // by id
const rows = new Map();   // the table's, by the lead's id; a row is made anew when its lead changes

function rowOf(lead) {
    let row = rows.get(lead.id);
    if (row) return row;
    row = element("tr", "", { "data-id": lead.id });
    row.append(
        element("td", nameOf(lead)),
        element("td", lead.city ?? ""),
        element("td", lead.status),
        element("td", lead.score ?? "", { class: "number" }),
    );
    rows.set(lead.id, row);
    return row;
}

/** In the order of the API's lists: the newest first. */
function newestFirst(a, b) {
    const [left, right] = a.created_at === b.created_at ? [a.id, b.id] : [a.created_at, b.created_at];
    return left < right ? 1 : -1;
}

let drawing;

/** Soon, once for all that comes in one go. */
function draw() {
    drawing ??= setTimeout(() => {
        drawing = undefined;
        const newest = [...leads.values()].sort(newestFirst).slice(0, shown_max);
        $("leads").tBodies[0].replaceChildren(...newest.map(rowOf));
        const more = leads.size > newest.length ? `; the newest ${newest.length} are shown` : "";
        $("count").textContent = `${leads.size} lead${leads.size === 1 ? "" : "s"}${more}`;
    });
}

function showAll(all) {
    leads.clear();
    rows.clear();
    for (const lead of all) leads.set(lead.id, lead);
    $("changes").replaceChildren();
    draw();
}

function showChange({ eventType, commit_timestamp, new: lead, old }) {
    rows.delete(old.id ?? lead.id);
    if (eventType === "DELETE") {
        leads.delete(old.id);
    } else {
        leads.set(lead.id, lead);
        rowOf(lead).animate([{ backgroundColor: "#3b66f555" }, {}], 2_000);
    }
    const entry = element("li", "", { "data-kind": eventType });
    entry.append(
        element("time", clock(commit_timestamp)),
        element("b", eventType.toLowerCase()),
        element("span", nameOf(eventType === "DELETE" ? old : lead)),
    );
    $("changes").prepend(entry);
    while ($("changes").children.length > changes_max) $("changes").lastChild.remove();
    draw();
}

function showPlace(place) {
    $("place").textContent = place;
}

// --- the server ---------------------------------------------------------------------------------

/** The server has answered, and it was no. */
class Refusal extends Error {}

class Follower {
    #url;
    #token;
    #client;
    #timer;
    #stopped = false;

    constructor(url, token) {
        this.#url = url.replace(/\/+$/, "");
        this.#token = token;
        this.#client = createClient(this.#url, token, {
            // The token is Tenantry's: no session to store or refresh.
            accessToken: async () => token,
            // Says soon if the network has gone without a word.
            realtime: { heartbeatIntervalMs: 5_000 },
        });
    }

    async start() {
        tell("reading", "reading the leads");
        try {
            const { next } = await this.#get("/api/sync");
            const all = await this.#everyLead();
            if (this.#stopped) return;
            showAll(all);
            this.#follow(next);
        } catch (failure) {
            if (this.#stopped) return;
            if (failure instanceof Refusal) return this.#end(failure.message);
            tell("cut", `no answer that this page may read; does cors_origins have ${location.origin}? Trying again`);
            this.#timer = setTimeout(() => this.start(), retry_pause);
        }
    }

    stop() {
        this.#stopped = true;
        clearTimeout(this.#timer);
        this.#client.removeAllChannels();
    }

    #end(why) {
        this.stop();
        tell("ended", why);
    }

    async #get(path) {
        const answer = await fetch(this.#url + path, { headers: { authorization: `Bearer ${this.#token}` } });
        if (answer.status >= 500) throw new Error(`status ${answer.status}`);
        const body = await answer.json();
        if (!answer.ok) throw new Refusal(body.error);
        return body;
    }

    async #everyLead() {
        const all = [];
        let after = "";
        do {
            const page = await this.#get(`/api/leads?limit=1000&after=${encodeURIComponent(after)}`);
            all.push(...page.leads);
            after = page.next;
        } while (after);
        return all;
    }

    #follow(place) {
        const channel = this.#client.channel("live-leads");
        const goOnFrom = (cursor) => {
            channel.updateJoinPayload({ since: cursor });
            showPlace(cursor);
        };
        goOnFrom(place);
        channel.on("postgres_changes", { event: "*", schema: "public", table: "leads" }, (change) => {
            if (!this.#stopped) showChange(change);
        });
        channel.on("system", {}, ({ status, code, message, cursor }) => {
            if (this.#stopped) return;
            if (cursor) goOnFrom(cursor);
            if (status !== "error" || code === "too_slow") return;
            if (code === "resync_required") this.#beginAnew();
            else this.#end(message);
        });
        channel.subscribe((status) => {
            if (this.#stopped) return;
            clearTimeout(this.#timer);
            if (status === "SUBSCRIBED") return tell("live", `live since ${clock(Date.now())}`);
            if (status === "CLOSED") return this.#end("the server has ended the channel");
            tell("cut", `cut off at ${clock(Date.now())}; coming back`);
            this.#askWhetherAllowed();
        });
    }

    /** The place is too old, or the database is another than it was: the rows themselves tell. */
    #beginAnew() {
        this.stop();
        connect(this.#url, this.#token);
    }

    /** A browser doesn't tell a page whether a WebSocket failed for the network or for the token. */
    #askWhetherAllowed() {
        this.#timer = setTimeout(async () => {
            const refusal = await this.#get("/api/sync").then(() => null, (failure) => failure);
            if (this.#stopped || $("state").dataset.state !== "cut") return;
            if (refusal instanceof Refusal) this.#end(refusal.message);
            else this.#askWhetherAllowed();
        }, retry_pause);
    }
}

// --- who asks for it ----------------------------------------------------------------------------

let follower;

function connect(url, token) {
    follower?.stop();
    follower = new Follower(url, token);
    follower.start();
}

$("connection").addEventListener("submit", (event) => {
    event.preventDefault();
    const { url, token } = Object.fromEntries(new FormData(event.target));
    connect(url, token);
});

// #url=…&token=…: what follows a # is sent to no server. It doesn't stay in the address bar either.
const given = new URLSearchParams(location.hash.slice(1));
if (given.has("url") && given.has("token")) {
    history.replaceState(null, "", location.pathname);
    $("connection").elements.url.value = given.get("url");
    $("connection").elements.token.value = given.get("token");
    connect(given.get("url"), given.get("token"));
}
