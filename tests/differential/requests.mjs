// Requests drawn from PostgREST's grammar as docs/rest.md says that it is understood, over a small
// world of values, so that much is found, much is in conflict, and some of it is nonsense.

import { columnsOf, leadIds, relationsOf, tables } from "./vocabulary.mjs";

/** Those that are asked of a real PostgREST as well. */
export const relations = relationsOf(tables);

const array = (elements) => `{${elements.map((e) => `"${e.replaceAll('"', '\\"')}"`).join(",")}}`;
const quoted = (value) => `"${String(value).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

/** `operator.value` for a column, as a parameter's value, or within a group, where values are quoted. */
function condition(random, column, nested) {
    const { kind, values } = column;
    const not = random.once(5) ? "not." : "";
    const put = (op, value) => `${not}${op}.${nested ? quoted(value) : value}`;
    if (random.once(8)) return `${not}is.${kind === "flag" ? random.of(["null", "true", "false", "unknown"]) : "null"}`;
    if (kind === "array") return put(random.of(["cs", "cd", "ov", "eq"]), array(random.some(values, 2)));
    if (kind === "json") return put(random.of(["cs", "cd"]), JSON.stringify(random.of(values)));
    if (random.once(6)) {
        const list = random.some(values, 3).map((value) => quoted(value));
        const text = list.join(",");
        // PostgREST takes a lone empty text for no text at all.
        return `${not}in.(${random.once(8) || text === '""' ? "" : text})`;
    }
    if (kind === "text" && random.once(3)) {
        const op = random.of(["like", "ilike", "match", "imatch"]);
        const pattern = op.endsWith("like")
            ? random.of(["O*", "*o", "%s%", "_slo", "*", "a*", "*\\_*", "N_w*", "é*"])
            : random.of(["^O", "o$", "s.o", "[a-c]", "(os|new)", "x+", "\\d"]);
        return put(op, pattern);
    }
    if (kind === "text" && random.once(6)) {
        // PostgREST 12 uses the configuration for the query alone, so no stop word is looked for.
        const configuration = random.of(["", "", "(simple)", "(english)"]);
        const [op, query] = random.of([
            ["fts", random.of(["oslo", "new & york", "x:* | !b", "!(x | new)", "new <-> york", "'new york'"])],
            ["plfts", random.of(["new york", "Oslo", "", "the b's"])],
            ["phfts", random.of(["new york", "york new", "x"])],
            ["wfts", random.of(['"new york" or oslo', "-oslo", "new -york", '"x', "or"])],
        ]);
        return put(`${op}${configuration}`, query);
    }
    if (["text", "number"].includes(kind) && random.once(8))
        return put(`${random.of(["eq", "gt", "lte"])}(${random.of(["any", "all"])})`, array(random.some(values, 3)));
    const ops = ["word", "uuid", "flag"].includes(kind) ? ["eq", "neq"] : ["eq", "neq", "gt", "gte", "lt", "lte"];
    if (kind === "text") ops.length = 2; // their order is a collation's
    return put(random.of([...ops, "isdistinct"]), random.of(values));
}

function jsonCondition(random, nested) {
    const put = (op, value) => `${op}.${nested ? quoted(value) : value}`;
    return random.of([
        () => ["metadata->n", put(random.of(["eq", "gt", "lt", "neq"]), random.of(["5", "7.5", "0"]))],
        () => ["metadata->>n", put("eq", random.of(["5", "7.5"]))],
        () => ["metadata->a->>b", put(random.of(["eq", "neq", "like"]), "x")],
        () => ["metadata->list->>-2", put("eq", "x")],
        () => ["metadata->n", "is.null"],
        () => ["metadata->>0", put("in", "(1,2)").replaceAll('"', "")],
    ])();
}

function term(random, relation, nested) {
    if (relation.columns.metadata && random.once(8)) return jsonCondition(random, nested);
    const name = random.of(Object.keys(relation.columns));
    return [name, condition(random, relation.columns[name], nested)];
}

function group(random, relation, depth) {
    const terms = Array.from({ length: 1 + random.below(3) }, () => {
        if (depth > 0 && random.once(4))
            return `${random.once(3) ? "not." : ""}${random.of(["and", "or"])}${group(random, relation, depth - 1)}`;
        const [name, text] = term(random, relation, true);
        return `${name}.${text}`;
    });
    return `(${terms.join(",")})`;
}

function filters(random, relation, prefix = "") {
    const out = [];
    for (let i = random.below(3); i > 0; --i) {
        if (random.once(4)) out.push([`${prefix}${random.once(4) ? "not." : ""}${random.of(["and", "or"])}`, group(random, relation, 2)]);
        else {
            const [name, text] = term(random, relation, false);
            out.push([prefix + name, text]);
        }
    }
    return out;
}

const safeCasts = {
    uuid: ["text", "uuid"], text: ["text"], word: ["text", "varchar"], number: ["bigint", "numeric", "float8", "text"],
    flag: ["int", "text", "bool"], json: ["text", "jsonb"], array: ["text"], time: ["date", "time", "timestamp", "timestamptz", "text"],
};
/** Not of each value, or of none. */
const daringCasts = {
    uuid: ["int"], text: ["int4", "bool", "uuid", "date", "json"], word: ["nonsense"], number: ["smallint", "bool"],
    flag: ["int8"], json: ["int"], array: ["json"], time: ["int"],
};
const daringPlaces = ["metadata->n::int", "metadata->>n::numeric", "metadata->n::float8", "metadata->a::boolean", "metadata->n::date"];

/** Of the server's own times the day, as no two are told the same. */
function casts({ columns }, types) {
    const typesOf = ({ kind, kept }) => (kept && kind === "time" ? ["date"] : types[kind]);
    return Object.entries(columns).flatMap(([name, column]) => typesOf(column).map((type) => `${name}::${type}`));
}

/**
 * Where not every value may have the type, all rows are asked for: PostgreSQL casts also some that a
 * limit leaves out, Tenantry those that it tells.
 */
const isDaring = (selected) => selected.includes("daring:");

/** Within an embed PostgREST 12 takes an index for a member's name. */
function parts(random, relation, isNested, mayFail) {
    const names = Object.keys(relation.columns).filter((name) => name !== "metadata");
    const out = new Set(random.once(4) ? ["*"] : random.some(names, 4));
    if (out.has("*")) return [...out];
    if (random.once(4)) out.add(`alias:${random.of(names)}`);
    if (relation.columns.metadata && random.once(4)) out.add(random.of(["metadata", "metadata->n", "x:metadata->a->>b", ...(isNested ? [] : ["metadata->list->0"])]));
    if (random.once(4)) out.add(`cast:${random.of(casts(relation, safeCasts))}`);
    if (random.once(8) && mayFail) {
        const places = relation.columns.metadata ? daringPlaces : [];
        out.add(`daring:${random.of([...casts(relation, daringCasts), ...places])}`);
    }
    return [...out];
}

/** `select` with its embeds, and the parameters that these bring along. */
function select(random, relation, depth, prefix, parameters, inner = true) {
    // What is written can't be told with a cast that a value may not have.
    const items = parts(random, relation, prefix !== "", prefix === "" && inner);
    if (items[0] === "*" && prefix === "") items[0] = columnsOf(relation);
    if (items[0] === "*") items[0] = "id";
    const taken = new Set();
    for (let i = depth > 0 && relation.links.length > 0 ? random.below(3) : 0; i > 0; --i) {
        const { text, to, isMany } = random.of(relation.links);
        const name = text.split(":")[0].split("!")[0];
        // PostgREST takes the first embed of a relation for what its name means, whatever its alias is.
        if (taken.has(to)) continue;
        taken.add(to);
        if (random.once(4)) {
            items.push(`${text}(count)`);
            continue;
        }
        const path = `${prefix}${name}.`;
        parameters.push(...filters(random, to, path));
        if (isMany) {
            parameters.push([`${path}order`, random.of(["id", "id.desc", "status,id"].slice(0, to.name === "leads" ? 3 : 2))]);
            // Where none may come, PostgREST's !inner finds none.
            if (random.once(3)) parameters.push([`${path}limit`, String(1 + random.below(3))]);
        }
        if (prefix === "" && random.once(6)) parameters.push([name, random.of(["is.null", "not.is.null"])]);
        const hint = inner && random.once(4) ? "!inner" : "";
        items.push(`${text}${hint}(${select(random, to, depth - 1, path, parameters, inner)})`);
    }
    return items.join(",");
}

/** By places in JSON, and by what is embedded of one row, of which PostgREST knows what is selected. */
function orders(random, relation, selected) {
    const out = [];
    if (relation.columns.metadata && random.once(4))
        out.push(random.of(["metadata->n", "metadata->>n", "metadata->a->>b", "metadata->a", "metadata->list->-1", "metadata->0"]));
    const depth = (text) => text.split("(").length - text.split(")").length;
    for (const { 1: name, 2: inside, index } of selected.matchAll(/(\w+)(?::\w+)?(?:!\w+)*\(([^()]+)\)/g)) {
        if (depth(selected.slice(0, index)) > 0 || relation.name === "agents" || name === "contacts") continue;
        const known = inside.split(",").filter((item) => /^\w+$/.test(item) && !["tags", "specialties", "count"].includes(item));
        if (known.length > 0 && random.once(3)) out.push(`${name}(${random.of(known).replace("metadata", "metadata->n")})`);
    }
    return out.map((item) => item + random.of(["", ".desc", ".nullsfirst", ".desc.nullslast"]));
}

const encode = (parameters) =>
    parameters.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value).replaceAll("%20", "+")}`).join("&");

/** Each alone, as of several mistakes either may be named. */
const nonsense = [
    ["id", "near.x"], ["nothing", "eq.1"], ["id", "eq.7"], ["or", `(id.eq.${leadIds[0]}`], ["and", "()x"],
    ["select", "id,nothing"], ["select", "id,invoices(id)"], ["invoices.type", "eq.x"], ["limit", "-1"],
    ["order", "nothing"], ["select", "id,,name"], ["id", "in.7"], ["id", "is.odd"],
    ["select", "count()"], ["select", "id.max()"], ["select", "id,n:id.count()"], ["order", "agents(name)"], ["order", "id->a.up"],
    ["limit[0]", "eq.1"],
];

export function read(random, among = relations) {
    const relation = random.of(among);
    if (random.once(25)) return { method: "GET", path: `/${relation.name}?${encode([random.of(nonsense)])}`, headers: {} };
    if (random.once(100)) return { method: "GET", path: `/leads?${encode([["select", "contacts(id)"], ["order", "contacts(id)"]])}`, headers: {} };
    if (random.once(25)) {
        const counting = [["select", random.of(["count", "n:count", "count::text"])], ...filters(random, relation)];
        if (random.once(4)) counting.push([random.of(["limit", "offset"]), random.of(["0", "1", "5"])]);
        return { method: "GET", path: `/${relation.name}?${encode(counting)}`, headers: random.once(2) ? { Prefer: "count=exact" } : {} };
    }
    const parameters = [];
    const selected = select(random, relation, 2, "", parameters);
    parameters.unshift(["select", selected]);
    // As some clients write several conditions on one column.
    parameters.push(...filters(random, relation).map(([key, value], i) => [/^\w+$/.test(key) && !["and", "or"].includes(key) && random.once(10) ? `${key}[${i}]` : key, value]));
    const { word } = relation;
    const first = orders(random, relation, selected).map((item) => `${item},`).join("");
    parameters.push(["order", first + random.of(["id", "id.desc", `${word},id`, `${word}.desc,id.desc`, ...relation.orders])]);
    const wantsAll = isDaring(selected);
    if (random.once(3) && !wantsAll) parameters.push(["limit", String(random.below(12))]);
    if (random.once(4) && !wantsAll) parameters.push(["offset", String(random.below(20))]);
    const headers = {};
    if (random.once(3)) headers.Prefer = "count=exact";
    if (wantsAll) return { method: "GET", path: `/${relation.name}?${encode(parameters)}`, headers };
    if (random.once(8)) headers.Range = `${random.below(5)}-${random.once(4) ? "" : random.below(9)}`;
    if (random.once(10)) headers.Accept = "application/vnd.pgrst.object+json";
    return { method: random.once(12) ? "HEAD" : "GET", path: `/${relation.name}?${encode(parameters)}`, headers };
}

function value(random, name, column) {
    if (!column.required && !["array", "json", "flag", "word"].includes(column.kind) && name !== "id" && random.once(6)) return null;
    if (column.kind === "array") return random.some(column.values, 2);
    if (column.kind === "number") return Number(random.of(column.values));
    if (column.kind === "flag") return random.once(2);
    return random.of(column.values);
}

/** Texts that Tenantry doesn't store, such as an empty name, are no difference worth a row. */
export function row(random, relation, names) {
    return Object.fromEntries(names.map((name) => [name, value(random, name, relation.columns[name])]));
}

/** Those that clients may write. */
export const writable = ({ columns }) => Object.keys(columns).filter((name) => !columns[name].kept);

function writtenColumns(random, relation) {
    return writable(relation).filter((name) => name === "id" || relation.columns[name].required || random.once(2));
}

/** What a write returns, if anything; filters, order and limits of what is embedded there don't all work in PostgREST 12. */
function returned(random, relation, headers) {
    const way = random.below(4);
    if (way === 0) return [];
    if (way === 1) {
        headers.push("return=minimal");
        return [];
    }
    headers.push("return=representation");
    const parameters = [];
    const depth = random.once(3) ? 1 : 0;
    // In the total of a write PostgREST doesn't count what !inner leaves out of its answer.
    const chosen = select(random, relation, depth, "", parameters, false);
    return [["select", `id,${chosen.split(",").filter((item) => item !== "id").join(",")}`.replace(/,$/, "")]];
}

/** What no two rows of a relation share, if the row has it. */
function keyOf(relation, row) {
    const values = (relation.unique ?? []).map((name) => row[name]);
    return values.length === 0 || values.some((value) => value == null) ? null : values.join();
}

export function write(random, among = relations) {
    const relation = random.of(among);
    const prefer = [];
    const parameters = returned(random, relation, prefer);
    if (random.once(3)) prefer.push("count=exact");
    const method = random.of(["POST", "POST", "POST", "PATCH", "DELETE"]);
    const headers = { "Content-Type": "application/json" };
    let body;
    if (method === "POST") {
        const names = writtenColumns(random, relation);
        const rows = Array.from({ length: random.once(3) ? 1 + random.below(3) : 1 }, () => row(random, relation, names));
        if (random.once(30)) rows[0].nothing = 1;
        if (random.once(30)) delete rows[0][Object.keys(relation.columns).find((name) => relation.columns[name].required)];
        // A row that comes twice in one statement is refused by PostgreSQL and merged twice here.
        const seen = new Set();
        const unique = rows.filter((r) => [r.id, keyOf(relation, r)].every((k) => k == null || (!seen.has(k) && seen.add(k))));
        body = unique.length === 1 && random.once(2) ? unique[0] : unique;
        if (random.once(3)) prefer.push(`resolution=${random.of(["merge", "ignore"])}-duplicates`);
        if (random.once(4)) parameters.push(["on_conflict", random.of(relation.conflicts)]);
        if (random.once(4)) parameters.push(["columns", names.map((name) => `"${name}"`).join(",")]);
    } else {
        parameters.push(["id", `in.(${random.some(relation.columns.id.values, 3).join(",")})`]);
        // PostgREST 12 holds and= and or= against the answer as well, which needn't have the columns.
        if (random.once(3)) parameters.push(...filters(random, relation).filter(([key]) => key !== "id" && !/(and|or)$/.test(key)));
        if (method === "PATCH") {
            const names = writtenColumns(random, relation).filter((name) => name !== "id");
            body = random.once(12) ? {} : row(random, relation, names);
        }
    }
    const isMany = body?.length > 1; // of which an object can't be made, unless some are ignored
    if (random.once(10) && prefer.includes("return=representation") && !isMany) headers.Accept = "application/vnd.pgrst.object+json";
    if (prefer.length > 0) headers.Prefer = prefer.join(",");
    return { method, path: `/${relation.name}?${encode(parameters)}`, headers, body: body && JSON.stringify(body) };
}
