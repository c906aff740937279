// One way to make each of the clients: by the server's address and a tenant's token.

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
