// Usage: node serve.mjs [PORT]
//
// Serves the page's four files to this machine. Any other server of static files does as well.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const library = "node_modules/@supabase/supabase-js/dist/umd/supabase.js";
const files = new Map([
    ["/", ["index.html", "text/html"]],
    ["/app.js", ["app.js", "text/javascript"]],
    ["/style.css", ["style.css", "text/css"]],
    [`/${library}`, [library, "text/javascript"]],
]);

async function answer(request, response) {
    const found = files.get(new URL(request.url, "http://page").pathname);
    if (!found) return response.writeHead(404).end();
    const [file, type] = found;
    const body = await readFile(new URL(file, import.meta.url));
    response.writeHead(200, { "content-type": `${type}; charset=utf-8`, "cache-control": "no-cache" }).end(body);
}

/** The server, when it listens; `port` 0 takes a free one. */
export function serve(port) {
    const server = createServer((request, response) => {
        answer(request, response).catch((failure) => response.writeHead(500).end(failure.message));
    });
    return new Promise((resolve, reject) => {
        server.once("error", reject).listen(port, "127.0.0.1", () => resolve(server));
    });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const server = await serve(Number(process.argv[2] ?? 8090));
    console.log(`The page is at http://127.0.0.1:${server.address().port}/`);
}
