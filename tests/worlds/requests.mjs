// The drawn requests of the comparison with PostgREST, over all relations, and with what only matters
// where there is another tenant: its name in headers and bodies, writes of whatever is found, rows
// whose ids and times the server makes.

import { read, write } from "../differential/requests.mjs";
import { columnsOf } from "../differential/vocabulary.mjs";
import { relations } from "./vocabulary.mjs";

const isMade = /created_at|updated_at/;

const rowsOf = (request) => (request.rows.length === 1 && !request.isArray ? request.rows[0] : request.rows);

/** Each changes a request in one way, once in so many where it applies. */
const twists = [
    // Only one's own tenant may be named.
    [25, () => true, (random, request) => (request.headers["x-tenant-id"] = random.of(["acme", "birch", "nobodys"]))],
    [8, ({ rows }) => rows, (random, { rows }) => rows.forEach((row) => (row.tenant_id = random.once(3) ? "birch" : "acme"))],
    [8, ({ method }) => method === "PATCH", (_, { parameters }) => parameters.delete("id")],
    [40, ({ method }) => method === "DELETE", (_, { parameters }) => parameters.delete("id")],
    // One at a time: of several made in one millisecond the order is of chance.
    [4, ({ method, rows }) => method === "POST" && rows.length === 1, (_, { parameters, rows }) => {
        delete rows[0].id;
        parameters.delete("columns");
    }],
    [10, ({ relation, parameters }) => parameters.get("select")?.startsWith(columnsOf(relation)), (_, { relation, parameters }) =>
        parameters.set("select", parameters.get("select").replace(columnsOf(relation), "*"))],
    [8, () => true, (random, { headers }) => {
        const more = random.of(["count=planned", "missing=default", "handling=strict,max-affected=2", "tx=rollback", "return=headers-only"]);
        headers.Prefer = headers.Prefer ? `${headers.Prefer},${more}` : more;
    }],
    [12, ({ headers }) => !headers.Accept, (random, { headers }) =>
        (headers.Accept = random.of(["text/csv", "application/vnd.pgrst.array+json;nulls=stripped"]))],
];

function taken(request) {
    const [path, query] = request.path.split("?");
    const body = request.body && JSON.parse(request.body);
    return {
        ...request,
        relation: relations.find(({ name }) => path === `/${name}`),
        parameters: new URLSearchParams(query),
        rows: body && [body].flat(),
        isArray: Array.isArray(body),
    };
}

/** A request, and whether the server will make an id for it. */
export function draw(random) {
    const request = taken(random.once(3) ? write(random, relations) : read(random, relations));
    for (const [often, applies, change] of twists)
        if (random.once(often) && applies(request)) change(random, request);
    const { relation, parameters, headers, rows } = request;
    const path = `/${relation.name}?${parameters}`;
    // A length that is told without a body can't be compared if times of the server's are in it.
    const method = request.method === "HEAD" && (isMade.test(path) || parameters.get("select").startsWith("*")) ? "GET" : request.method;
    return { method, path, headers, body: rows && JSON.stringify(rowsOf(request)), makesId: method === "POST" && rows.some((row) => !row.id) };
}
