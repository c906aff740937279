// How pages come by their data provider, and what its calls come to.

import assert from "node:assert/strict";
import module from "@raphiniert/ra-data-postgrest";
import { fetchUtils } from "ra-core";

const { default: dataProvider, defaultPrimaryKeys, defaultSchema } = module;

/** A tenant's provider, made as its documentation says; `options` in place of its defaults. */
export function connect(url, token, options) {
    const user = { authenticated: true, token: `Bearer ${token}` };
    return dataProvider({
        apiUrl: `${url}/rest/v1`,
        httpClient: (address, request) => fetchUtils.fetchJson(address, { ...request, user }),
        defaultListOp: "eq",
        primaryKeys: defaultPrimaryKeys,
        schema: defaultSchema,
        ...options,
    });
}

/** The first page of a list by `id`, with what is asked beyond that. */
export const page = (more) => ({ pagination: { page: 1, perPage: 25 }, sort: { field: "id", order: "ASC" }, filter: {}, ...more });

/** What a call comes to: what it answers, or how the server refuses it. */
export async function outcome(call) {
    try {
        return { answer: await call };
    } catch (error) {
        // Whatever else fails is the test's mistake, or the provider's.
        if (error.name !== "HttpError") throw error;
        assert.equal(error.message, error.body.message);
        return { status: error.status, body: error.body };
    }
}

export async function refused(call, status, code) {
    const result = await outcome(call);
    assert.deepEqual([result.status, result.body?.code], [status, code], JSON.stringify(result));
}
