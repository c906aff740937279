// All relations that /rest/v1 has, with the columns that the server keeps: beside what a PostgREST is
// compared in, as here both sides are the same program. And rows of them for a tenant.

import { row, writable } from "../differential/requests.mjs";
import { agentIds, cities, documents, idOf, ids, leadIds, many, one, relationsOf, tables, tagWords, times } from "../differential/vocabulary.mjs";

const kept = (kind, values) => ({ kind, values, kept: true });
const keptByAll = {
    tenant_id: kept("text", ["acme", "birch"]),
    created_at: kept("time", times),
    updated_at: kept("time", times),
};
const withKept = (table, more = {}) => ({ ...table, columns: { ...table.columns, ...more, ...keptByAll } });
const linked = (table, ...links) => ({ ...table, links: [...table.links, ...links] });
const channels = ["sms", "mail"];

const all = {
    agents: withKept(linked(tables.agents, many("events")), {
        active_leads: kept("number", ["0", "1", "5"]),
        conversion_rate: kept("number", ["0", "50"]),
    }),
    leads: withKept(linked(tables.leads, many("events"), many("approvals"))),
    contacts: withKept(tables.contacts),
    events: withKept({
        columns: {
            id: { kind: "uuid", values: ids("d", 30) },
            lead_id: { kind: "uuid", values: leadIds },
            agent_id: { kind: "uuid", values: agentIds },
            type: { kind: "text", values: ["call", "visit"], required: true },
            content: { kind: "text", values: cities },
            direction: { kind: "word", values: ["in", "out"] },
            timestamp: { kind: "time", values: times, required: true },
            metadata: { kind: "json", values: documents },
        },
        conflicts: ["id", "type"],
        word: "type",
        orders: ["timestamp.desc,id"],
        links: [one("leads"), one("leads", "lead:lead_id"), one("agents"), one("agents", "agents!events_agent_id_fkey")],
    }),
    approvals: withKept({
        columns: {
            id: { kind: "uuid", values: ids("e", 30) },
            lead_id: { kind: "uuid", values: leadIds, required: true },
            type: { kind: "word", values: ["message", "email", "call", "meeting"], required: true },
            channel: { kind: "text", values: channels },
            ai_score: { kind: "number", values: ["0", "0.5", "1"] },
            metadata: { kind: "json", values: documents },
        },
        conflicts: ["id", "type"],
        word: "type",
        orders: ["status,id"],
        links: [one("leads"), one("leads", "lead:lead_id")],
    }, { status: kept("word", ["pending", "approved"]) }),
    icp_profiles: withKept({
        columns: {
            id: { kind: "uuid", values: ids("f", 12) },
            name: { kind: "text", values: cities.filter((city) => city !== ""), required: true },
            criteria_locations: { kind: "array", values: tagWords },
            criteria_behavior: { kind: "json", values: documents },
            max_leads_per_day: { kind: "number", values: ["1", "50"], required: true },
            exclude_duplicates: { kind: "flag", values: ["true", "false"] },
        },
        unique: ["name"],
        conflicts: ["name", "id"],
        word: "exclude_duplicates",
        orders: ["max_leads_per_day.desc,id"],
        links: [],
    }),
    identities: withKept({
        columns: {
            id: { kind: "uuid", values: ids("9", 12) },
            platform: { kind: "text", values: channels, required: true },
            profile_url: { kind: "text", values: cities },
            last_used_at: { kind: "time", values: times },
            metadata: { kind: "json", values: documents },
        },
        conflicts: ["id", "platform"],
        word: "platform",
        orders: ["last_used_at.desc.nullslast,id"],
        links: [],
    }),
};

/** What is referred to comes before what refers to it. */
export const relations = relationsOf(all);
const homes = { assigned_agent: "agents", agent_id: "agents", lead_id: "leads" };

const shuffled = (random, values) =>
    values.map((value) => [random.next(), value]).sort(([a], [b]) => a - b).map(([, value]) => value);

/** All that requests can name as a row's unique key. */
function keysOf({ unique, columns }) {
    return unique.reduce((keys, name) => keys.flatMap((key) => columns[name].values.map((value) => ({ ...key, [name]: value }))), [{}]);
}

/** Gives each row a key of its own: those that requests name as far as they go, then others. */
function giveKeys(random, relation, share, rows) {
    if (!relation.unique) return;
    const named = keysOf(relation);
    const keys = shuffled(random, named).slice(0, Math.ceil(named.length * share));
    rows.forEach((each, n) => Object.assign(each, keys[n] ?? { [relation.unique.at(-1)]: `o${n}@x.example` }));
}

/**
 * Rows of each relation: a share of the ids and keys that requests name, and `more` that they don't.
 * All references are to rows that requests name.
 */
export function population(random, share, more) {
    const made = {};
    for (const relation of relations) {
        const named = relation.columns.id.values;
        const own = named.slice(0, Math.ceil(named.length * share));
        const kind = named[0].at(-5);
        const rows = [...own, ...Array.from({ length: more }, (_, n) => idOf(kind, 1000 + n))]
            .map((id) => ({ ...row(random, relation, writable(relation)), id }));
        giveKeys(random, relation, share, rows);
        for (const each of rows)
            for (const [name, home] of Object.entries(homes))
                if (each[name]) each[name] = random.of(made[home].own);
        made[relation.name] = { own, rows };
    }
    return relations.map(({ name }) => [name, made[name].rows]);
}
