// Calls of the functions in functions.sql.

import { leadIds } from "./vocabulary.mjs";

export const functions = [
    "lead_count", "add_up", "total", "joined", "channels", "days_from", "leads_from", "one_lead", "by_status", "pair",
    "with_point", "forget_points", "dice", "same", "whole", "words", "area", "twin", "complain",
];

const get = (path, headers = {}) => ({ method: "GET", path: `/rpc/${path}`, headers });
const call = (path, body, headers = {}) =>
    ({ method: "POST", path: `/rpc/${path}`, headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body) });

const counted = { Prefer: "count=exact" };
const asObject = { Accept: "application/vnd.pgrst.object+json" };
const asCsv = { Accept: "text/csv" };
const lead = leadIds[1];

export const calls = [
    get("lead_count"), call("lead_count", {}), get("add_up?a=1"), get("add_up?a=1&b=-3"), call("add_up", { a: 1, b: 2 }),
    call("add_up", { a: null }), call("add_up", { b: 1 }), call("add_up", { a: 1, c: 2 }), call("add_up", { a: "x" }),
    get("add_up?a=x"), get("add_up"), call("nothing", {}), call("total", { numbers: [1, 2, 3] }), get("total?numbers=4&numbers=5"), get("total?numbers=4"),
    call("joined", { parts: ["a", "b c"], gap: "-" }), get("joined?parts=a&gap=-&parts=b"),
    get("channels"), call("channels", {}), get("channels?limit=1"), get("channels?limit=1&offset=1", counted),
    get("days_from?day=2026-02-27&days=3"), call("days_from", { day: "2026-02-27", days: 2 }), call("days_from", { day: "never", days: 2 }),
    get("leads_from?origin=web&select=id,status"), call("leads_from?select=id,status&limit=2", { origin: "web" }),
    get("leads_from?origin=web&select=id,status&status=eq.new", counted), get("leads_from?origin=web&select=id,first_name&order=first_name.desc,id"),
    get("leads_from?origin=web&select=id,agents(name),contacts(channel)&contacts.order=id"),
    get("leads_from?origin=web&select=id,agents!inner(name)", counted), get("leads_from?origin=ad&select=id,contacts(id)&contacts=is.null"),
    get("leads_from?origin=web&select=id&limit=1", asObject), get("leads_from?origin=none&select=id", asObject),
    get("leads_from?origin=web&select=id,status", asCsv), get("leads_from?origin=web&select=id&offset=3&limit=2", counted),
    get("leads_from?origin=web&select=nothing"), get("leads_from?origin=web&select=id,metadata&metadata->>n=eq.5"),
    get(`one_lead?wanted=${lead}&select=id,first_name`), call("one_lead?select=id", { wanted: lead }), call("one_lead", { wanted: "7" }),
    get("by_status"), get("by_status?lowest=2"), call("by_status?select=status,n&order=n.desc,status", { lowest: 2 }),
    get("by_status?n=gte.2&select=status,total:n"), get("by_status", counted), get("by_status?status=in.(new,closed)", asCsv),
    get("pair?a=4"), call("pair", { a: 4 }), get("pair?a=4&select=word"),
    call("with_point?select=id,score", { lead, points: 12.5 }), call("with_point?select=id", { lead: leadIds[39], points: 1 }),
    get(`with_point?lead=${lead}&points=3`), call("with_point?select=id,score,agents(name)", { lead, points: 7 }),
    get(`leads_from?origin=web&select=id,score`), call("forget_points", { lead }), get(`forget_points?lead=${lead}`),
    get("dice"), call("dice", {}),
    call("same", { doc: { b: [1, null], a: "x" } }), call("same", { doc: null }), call("same", { doc: "text" }),
    call("whole", { b: [1, null], a: "x" }), call("whole", {}), get("whole?a=1"),
    get("area?side=3"), get("area?width=2&height=3"), call("area", { side: 4 }), call("area", { height: 2, width: 5 }),
    call("area", {}), call("area", { side: 1, height: 2 }), get("area"), call("twin", { a: 1 }), get("twin?a=x"),
    call("words", { list: ["a b", "c,d"] }), get("words?list={a,b}&day=2026-01-06"), call("words", { list: "{a}", day: "2026-01-06" }),
    ...["P0001", "PT402", "PT418", "23505", "22023", "42883"].map((code) => call("complain", { code, about: "that" })),
    { method: "HEAD", path: "/rpc/by_status", headers: counted },
];
