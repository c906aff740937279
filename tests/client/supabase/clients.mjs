// One way to make each of the clients, by the server's address and a tenant's token, and to look at
// what they answer.

import assert from "node:assert/strict";
import WebSocket from "ws";

// Node.js 20 has no WebSocket of its own, without which the client isn't made.
const options = { auth: { persistSession: false }, realtime: { transport: WebSocket } };

const makers = {
    "supabase-current": async () => {
        const { createClient } = await import("supabase-current");
        return (url, token) => createClient(url, token, options);
    },
    "supabase-older": async () => {
        const { createClient } = await import("supabase-older");
        return (url, token) => createClient(url, token, options);
    },
    neon: async () => {
        const { NeonPostgrestClient } = await import("@neondatabase/postgrest-js");
        return (url, token) =>
            new NeonPostgrestClient({
                dataApiUrl: `${url}/rest/v1`,
                options: { global: { headers: { Authorization: `Bearer ${token}` } } },
            });
    },
};

export async function maker(client) {
    return makers[client]();
}

/** The data of an answer that must be one; `status` if it is told. */
export async function ok(query, status) {
    const answer = await query;
    assert.equal(answer.error, null, JSON.stringify(answer.error));
    if (status) assert.equal(answer.status, status);
    return answer.data;
}

export async function refused(query, status, code) {
    const { data, error, status: told } = await query;
    assert.equal(data, null);
    assert.deepEqual([told, error?.code], [status, code], JSON.stringify(error));
    assert.equal(typeof error.message, "string");
    return error;
}
