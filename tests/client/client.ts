// What somebody writes who has nothing but /openapi.json: every call below is checked against the
// types that openapi-typescript makes of it, and then made. A line marked as an expected error must
// not compile; if the document ever lets it, tsc says so.

import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Lead = components["schemas"]["Lead"];
type NewLead = components["schemas"]["NewLead"];

const [baseUrl, token] = process.argv.slice(2);
if (baseUrl === undefined || token === undefined) throw new Error("usage: client.js URL TOKEN");
const api = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${token}` } });

async function leads(): Promise<void> {
    const made = await api.POST("/api/leads", {
        body: { first_name: "Ada", email: "Ada@Example.com", status: "qualified", score: 87.5, tags: ["vip"] },
    });
    assert.equal(made.response.status, 201);
    assert(made.data);
    const lead: Lead = made.data;
    assert.equal(lead.email, "ada@example.com");
    assert.equal(lead.score, 87.5);
    assert.equal(made.response.headers.get("location"), `/api/leads/${lead.id}`);

    const path = { id: lead.id };
    const changed = await api.PATCH("/api/leads/{id}", { params: { path }, body: { status: "contacted" } });
    assert.equal(changed.data?.status, "contacted");
    const replaced = await api.PUT("/api/leads/{id}", { params: { path }, body: { first_name: "Grace" } });
    assert.equal(replaced.data?.email, null);
    assert.deepEqual(replaced.data?.tags, []);

    const page = await api.GET("/api/leads", {
        params: { query: { status: "new", sort: "-score", limit: 10, search: "gra" } },
    });
    assert.deepEqual(page.data?.leads.map((found) => found.id), [lead.id]);
    assert.equal(page.data?.total, 1);
    assert.equal(page.data?.next, null);

    const event = await api.POST("/api/events", { body: { type: "call", lead_id: lead.id, direction: "out" } });
    assert.equal(event.data?.lead_id, lead.id);
    const events = await api.GET("/api/leads/{id}/events", { params: { path } });
    assert.equal(events.data?.events.length, 1);

    const gone = await api.DELETE("/api/leads/{id}", { params: { path } });
    assert.equal(gone.response.status, 204);
}

async function agents(): Promise<void> {
    const made = await api.POST("/api/agents", { body: { name: "Eve", email: "eve@example.com" } });
    assert.equal(made.data?.status, "active");
    assert(made.data);
    const read = await api.GET("/api/agents/{id}", { params: { path: { id: made.data.id } } });
    assert.deepEqual(read.data, made.data);
}

async function approvals(): Promise<void> {
    const lead = await api.POST("/api/leads", { body: { first_name: "Carl" } });
    assert(lead.data);
    const asked = await api.POST("/api/approvals", {
        params: { header: { "Idempotency-Key": "once" } },
        body: { lead_id: lead.data.id, type: "email", subject: "Hello" },
    });
    assert(asked.data);
    const path = { id: asked.data.id };
    assert.equal(asked.data.status, "pending");
    const approved = await api.POST("/api/approvals/{id}/approve", { params: { path } });
    assert.equal(approved.data?.status, "approved");
    const late = await api.POST("/api/approvals/{id}/reject", { params: { path }, body: { reason: "too late" } });
    assert.equal(late.response.status, 409);
    const results = await api.POST("/api/approvals/decisions", {
        body: { decisions: [{ id: asked.data.id, status: "sent" }] },
    });
    assert.equal(results.data?.results[0]?.approval?.status, "sent");
    const history = await api.GET("/api/approvals/{id}/history", { params: { path } });
    assert.deepEqual(history.data?.history.map((step) => step.status), ["pending", "approved", "sent"]);

    const dashboard = await api.GET("/api/dashboard", { params: { query: { timeframe: "month" } } });
    assert.equal(dashboard.data?.dailyTrend.length, 30);
    await api.DELETE("/api/leads/{id}", { params: { path: { id: lead.data.id } } });
}

async function versions(): Promise<void> {
    const profile = await api.POST("/api/icp-profiles", { body: { name: "Buyers", criteria_locations: ["Bern"] } });
    assert(profile.data);
    const path = { id: profile.data.id };
    const copy = await api.POST("/api/icp-profiles/{id}/clone", { params: { path }, body: { name: "Sellers" } });
    assert.deepEqual(copy.data?.criteria_locations, ["Bern"]);
    const etag = profile.response.headers.get("etag");
    assert(etag);
    const change = { params: { path, header: { "If-Match": etag } }, body: { description: "They buy." } };
    assert.equal((await api.PATCH("/api/icp-profiles/{id}", change)).response.status, 200);
    assert.equal((await api.PATCH("/api/icp-profiles/{id}", change)).response.status, 412);
}

async function refusals(): Promise<void> {
    const plain = await api.GET("/api/leads", { params: { query: { limit: 5000 } } });
    assert.equal(plain.response.status, 400);
    assert(plain.error && "error" in plain.error);
    assert.equal(plain.error.code, "out_of_range");
    assert.equal(plain.error.field, "limit");

    const details = await api.GET("/api/leads/{id}", {
        params: { path: { id: "00000000-0000-7000-8000-000000000000" } },
        headers: { accept: "application/problem+json" },
    });
    assert.equal(details.response.headers.get("content-type"), "application/problem+json");
    assert(details.error && "title" in details.error);
    assert.equal(details.error.status, 404);
    assert.equal(details.error.code, "not_found");
}

async function files(): Promise<void> {
    const imported = await api.POST("/api/leads/import", {
        params: { query: { map: ["Vorname=first_name", "Memo=metadata.notes"], country_code: "49" } },
        body: "Vorname,email,Memo\nBob,bob@example.com,hi\n,nobody@example.com,\n",
        bodySerializer: (text) => text,
        headers: { "content-type": "text/csv" },
    });
    assert.equal(imported.data?.imported, 1);
    assert.equal(imported.data?.refused_rows, 1);
    assert.equal(imported.data?.refused[0]?.line, 3);

    const exported = await api.GET("/api/leads/export", {
        params: { query: { format: "ndjson" } },
        parseAs: "text",
    });
    const lines = (exported.data ?? "").trimEnd().split("\n");
    assert.equal((JSON.parse(lines[0] ?? "") as Lead).email, "bob@example.com");
}

async function document(): Promise<void> {
    const first = await fetch(`${baseUrl}/openapi.json`);
    const etag = first.headers.get("etag");
    assert(etag);
    const again = await fetch(`${baseUrl}/openapi.json`, { headers: { "if-none-match": etag } });
    assert.equal(again.status, 304);
}

/** Never called: what the types must refuse. */
export async function mistakes(lead: Lead): Promise<void> {
    // @ts-expect-error first_name is required
    await api.POST("/api/leads", { body: { email: "x@example.com" } });
    const unknown: NewLead = {
        first_name: "A",
        // @ts-expect-error no lead has such a field
        nickname: "B",
    };
    const fixed: NewLead = {
        first_name: "A",
        // @ts-expect-error ids are the server's
        id: lead.id,
    };
    await api.POST("/api/leads", { body: { ...unknown, ...fixed } });
    // @ts-expect-error not one of the statuses
    await api.PATCH("/api/leads/{id}", { params: { path: { id: lead.id } }, body: { status: "lost" } });
    // @ts-expect-error not one of the parameters
    await api.GET("/api/leads", { params: { query: { colour: "red" } } });
    // @ts-expect-error tags can't be sorted by
    await api.GET("/api/leads", { params: { query: { sort: "tags" } } });
    // @ts-expect-error there is no such path
    await api.GET("/api/lead", {});
    // @ts-expect-error it may be null
    lead.last_name.length;
}

await leads();
await agents();
await approvals();
await versions();
await refusals();
await files();
await document();
console.log("the generated client works");
