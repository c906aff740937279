// One request and its answer, as they are.

export async function exchange(base, request, token) {
    const headers = { ...request.headers };
    if (token) headers.Authorization = `Bearer ${token}`;
    const response = await fetch(base + request.path, { method: request.method, headers, body: request.body });
    return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

export const post = (relation, rows) =>
    ({ method: "POST", path: `/${relation}`, headers: { "Content-Type": "application/json" }, body: JSON.stringify(rows) });

export const shown = (request) =>
    `${request.method} ${decodeURIComponent(request.path.replaceAll("+", " "))}\n  ${JSON.stringify(request.headers)} ${request.body ?? ""}`;
