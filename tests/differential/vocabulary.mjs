// What drawn requests are made of: numbers from a seed, and relations with a small world of values.

/** Numbers from a seed: the same requests each time (mulberry32). */
export class Random {
    #state;
    constructor(seed) {
        this.#state = seed >>> 0;
    }
    next() {
        this.#state = (this.#state + 0x6d2b79f5) >>> 0;
        let t = this.#state;
        t = Math.imul(t ^ (t >>> 15), t | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    }
    below(n) {
        return Math.floor(this.next() * n);
    }
    once(n) {
        return this.below(n) === 0;
    }
    of(choices) {
        return choices[this.below(choices.length)];
    }
    some(choices, most) {
        return Array.from({ length: 1 + this.below(most) }, () => this.of(choices));
    }
}

/** An id of a test's own, of version 4; those that the server makes are of version 7. */
export const idOf = (kind, n) => `00000000-0000-4000-8000-0000000${kind}${String(n).padStart(4, "0")}`;
export const ids = (kind, count) => Array.from({ length: count }, (_, n) => idOf(kind, n));
export const agentIds = ids("a", 6);
export const leadIds = ids("b", 40);
const contactIds = ids("c", 30);

export const cities = ["Oslo", "oslo", "Århus", "New York", "a,b", "(c)", 'd"e', "50%", "_x", "", "null"];
const firstNames = ["Ada", "Bob", "Cy", "Dee", "Ève"];
const statuses = ["new", "contacted", "qualified", "converted", "closed"];
const scores = ["0", "12.5", "50", "87.25", "99.99", "-3"];
export const times = ["2026-01-06T08:30:00.123456Z", "2025-06-01T00:00:00+02:00", "2026-01-06"];
export const tagWords = ["vip", "a b", "x,y", "z"];
export const documents = [{}, { a: 1 }, { a: { b: "x" }, n: 5 }, { n: 7.5, list: [1, "x", null] }, [1, 2], { n: null }];

/** What may be embedded, as `select` names it. */
export const one = (to, text = to) => ({ text, to, isMany: false });
export const many = (to, text = to) => ({ text, to, isMany: true });

/**
 * By relation: its columns with values to be drawn; those of its unique key, if it has one; what is
 * named as `on_conflict`, keys and others; its orders beside those by id and by `word`.
 */
export const tables = {
    leads: {
        columns: {
            id: { kind: "uuid", values: leadIds },
            first_name: { kind: "text", values: firstNames, required: true },
            city: { kind: "text", values: cities },
            source: { kind: "text", values: ["web", "ad", "fair"] },
            email: { kind: "text", values: leadIds.slice(0, 12).map((_, n) => `p${n}@x.example`) },
            status: { kind: "word", values: statuses },
            score: { kind: "number", values: scores },
            assigned_agent: { kind: "uuid", values: agentIds },
            tags: { kind: "array", values: tagWords },
            metadata: { kind: "json", values: documents },
            last_contacted_at: { kind: "time", values: times },
        },
        unique: ["email"],
        conflicts: ["email", "id", "status"],
        word: "status",
        orders: ["score.desc,id", "score.nullsfirst,id", "score.desc.nullslast,id"],
        links: [one("agents"), one("agents", "agent:assigned_agent"), many("contacts"), one("agents", "agents!leads_assigned_agent_fkey")],
    },
    agents: {
        columns: {
            id: { kind: "uuid", values: agentIds },
            name: { kind: "text", values: ["Ann", "Bo", "Cleo"], required: true },
            email: { kind: "text", values: agentIds.map((_, n) => `a${n}@x.example`), required: true },
            phone: { kind: "text", values: ["1", "22"] },
            status: { kind: "word", values: ["active", "inactive"] },
            specialties: { kind: "array", values: tagWords },
        },
        unique: ["email"],
        conflicts: ["email", "id", "status"],
        word: "status",
        orders: [],
        links: [many("leads"), many("leads", "l:leads!assigned_agent")],
    },
    contacts: {
        columns: {
            id: { kind: "uuid", values: contactIds },
            lead_id: { kind: "uuid", values: leadIds },
            channel: { kind: "text", values: ["sms", "mail"], required: true },
            identifier: { kind: "text", values: ["1", "2", "3", "4", "5"], required: true },
            display_name: { kind: "text", values: ["one", "two"] },
            verified: { kind: "flag", values: ["true", "false"] },
            metadata: { kind: "json", values: documents },
        },
        unique: ["channel", "identifier"],
        conflicts: ["channel,identifier", "id", "channel"],
        word: "verified",
        orders: [],
        links: [one("leads"), one("leads", "lead:lead_id"), one("leads", "leads!contacts_lead_id_fkey")],
    },
};

/** Relations to draw from: the tables with their names, and each other at the ends of their links. */
export function relationsOf(all) {
    const relations = Object.entries(all).map(([name, table]) => ({ name, ...table }));
    const named = (name) => relations.find((relation) => relation.name === name);
    for (const relation of relations) relation.links = relation.links.map((link) => ({ ...link, to: named(link.to) }));
    return relations;
}

export const columnsOf = (relation) => Object.keys(relation.columns).join(",");
