// Usage: node accounts.mjs CLIENT URL KEYS MAIL_FOLDER
//
// What a front end does to let people in, step by step, with the mails that it takes; what an
// administrator does; and what another tenant gets.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { maker } from "./clients.mjs";

const [name, url, given, mails] = process.argv.slice(2);
const keys = JSON.parse(given);
const make = await maker(name);
const acme = make(url, keys.acme.publishable);
const birch = make(url, keys.birch.publishable);
const admin = make(url, keys.acme.secret).auth.admin;
const password = "correct horse";

async function ok(call) {
    const { data, error } = await call;
    assert.equal(error, null, JSON.stringify(error));
    return data;
}

async function refused(call, status, code) {
    const { error } = await call;
    assert.ok(error, `not refused: ${code}`);
    assert.deepEqual([error.status, error.code], [status, code], error.message);
    return error;
}

/** What the client makes of session_not_found. */
async function isSignedOut(call) {
    const { error } = await call;
    assert.equal(error?.name, "AuthSessionMissingError");
}

let taken = 0;
/** The next mail, when it is there, and the link that it holds. */
async function mail(to, type) {
    const file = `${mails}/${++taken}.json`;
    while (!existsSync(file)) await sleep(20);
    let text = "";
    while (!text.endsWith("}")) {
        text = readFileSync(file, "utf8").trimEnd();
        await sleep(5);
    }
    const got = JSON.parse(text);
    assert.deepEqual(got.to, [to]);
    const link = /https:\/\/app\.example\/welcome\?\S+/.exec(got.text);
    const query = new URL(link[0]).searchParams;
    assert.equal(query.get("type"), type);
    return query.get("token_hash");
}

async function signsUp() {
    const email = "ann@acme.example";
    await refused(acme.auth.signUp({ email: "x@other.example", password }), 422, "signup_disabled");
    await refused(acme.auth.signUp({ email, password: "short" }), 422, "weak_password");
    const wish = { email, password, options: { data: { first_name: "Ann" } } };
    const sent = await ok(acme.auth.signUp(wish));
    assert.equal(sent.session, null);
    assert.equal(sent.user.email, email);
    const token_hash = await mail(email, "signup");
    await refused(acme.auth.signInWithPassword({ email, password }), 400, "invalid_credentials");
    const { session, user } = await ok(acme.auth.verifyOtp({ token_hash, type: "email" }));
    assert.equal(user.user_metadata.first_name, "Ann");
    assert.equal(user.app_metadata.tenant_id, "acme");
    assert.equal(user.app_metadata.tenant_role, "operator");
    assert.ok(session.expires_at > Date.now() / 1000);
    await refused(acme.auth.verifyOtp({ token_hash, type: "email" }), 403, "otp_expired");
    // Whether there is an account isn't told.
    const again = await ok(acme.auth.signUp(wish));
    assert.deepEqual(Object.keys(again.user).sort(), Object.keys(sent.user).sort());
    await mail(email, "signup");
    return email;
}

async function worksWithRows() {
    await ok(acme.from("leads").insert({ first_name: "Ada" }));
    assert.equal((await ok(acme.from("leads").select())).length, 1);
    const nobody = make(url, keys.acme.publishable);
    const { data, error } = await nobody.from("leads").select();
    assert.deepEqual([data, error.code], [null, "42501"]);
}

/** The socket comes with the publishable key, the channel with the user's token. */
async function followsChanges() {
    const changes = [];
    const channel = acme.channel("leads").on("postgres_changes", { event: "*", schema: "public", table: "leads" }, (change) =>
        changes.push(change.new.first_name));
    // The older client joins before it has asked for its token, is refused, and joins again with it.
    await new Promise((resolve) => channel.subscribe((status) => status === "SUBSCRIBED" && resolve()));
    while (changes.length === 0) {
        await ok(acme.from("leads").insert({ first_name: "Bo" }));
        await sleep(100);
    }
    assert.equal(changes[0], "Bo");
    await acme.removeChannel(channel);
    // Without a user nobody joins.
    const nobody = make(url, keys.acme.publishable);
    const refusal = await new Promise((resolve) =>
        nobody.channel("leads").on("postgres_changes", { event: "*", schema: "public", table: "leads" }, () => {}).subscribe(
            (status, error) => status !== "SUBSCRIBED" && resolve(error ?? status)));
    assert.ok(refusal);
    nobody.realtime.disconnect();
    acme.realtime.disconnect();
}

async function staysSignedIn(email) {
    await refused(acme.auth.signInWithPassword({ email, password: "wrong horse" }), 400, "invalid_credentials");
    const { session } = await ok(acme.auth.signInWithPassword({ email, password }));
    assert.equal((await ok(acme.auth.getUser())).user.email, email);
    const refreshed = await ok(acme.auth.refreshSession());
    assert.notEqual(refreshed.session.refresh_token, session.refresh_token);
    const { claims } = await ok(acme.auth.getClaims());
    assert.deepEqual([claims.tenant_id, claims.role, claims.iss], ["acme", "authenticated", `${keys.issuer}/auth/v1`]);
    const header = JSON.parse(Buffer.from(refreshed.session.access_token.split(".")[0], "base64url"));
    assert.equal(header.alg, "ES256");
    const changed = await ok(acme.auth.updateUser({ data: { first_name: null, theme: "dark" } }));
    assert.deepEqual(changed.user.user_metadata, { theme: "dark" });
    await refused(acme.auth.updateUser({ password }), 422, "same_password");
}

async function recovers(email) {
    await ok(acme.auth.resetPasswordForEmail("nobody@acme.example"));
    await ok(acme.auth.resetPasswordForEmail(email));
    const token_hash = await mail(email, "recovery");
    const fresh = make(url, keys.acme.publishable);
    await ok(fresh.auth.verifyOtp({ token_hash, type: "recovery" }));
    await ok(fresh.auth.updateUser({ password: "battery staple" }));
    await isSignedOut(acme.auth.getUser());
    await ok(acme.auth.signInWithPassword({ email, password: "battery staple" }));
}

async function administers() {
    const { user } = await ok(admin.createUser({ email: "bo@acme.example", password, email_confirm: true, user_metadata: { a: 1 } }));
    assert.deepEqual((await ok(admin.getUserById(user.id))).user.user_metadata, { a: 1 });
    await ok(admin.updateUserById(user.id, { user_metadata: { a: 2 } }));
    const page = await ok(admin.listUsers({ page: 1, perPage: 1 }));
    assert.deepEqual([page.users.length, page.total, page.nextPage], [1, 2, 2]);
    await refused(admin.createUser({ email: "bo@acme.example" }), 422, "email_exists");
    await refused(acme.auth.admin.listUsers(), 403, "role_insufficient");

    await ok(admin.inviteUserByEmail("cy@acme.example"));
    const guest = make(url, keys.acme.publishable);
    const invited = await ok(guest.auth.verifyOtp({ token_hash: await mail("cy@acme.example", "invite"), type: "invite" }));
    assert.equal(invited.user.app_metadata.tenant_role, "viewer");
    await ok(guest.auth.updateUser({ password }));
    await ok(guest.auth.signInWithPassword({ email: "cy@acme.example", password }));
    return user.id;
}

async function keepsOthersOut(email, id) {
    await refused(birch.auth.signInWithPassword({ email, password: "battery staple" }), 403, "not_a_member");
    const theirs = make(url, keys.birch.secret);
    assert.deepEqual(await ok(theirs.from("leads").select()), []);
    await refused(theirs.auth.admin.getUserById(id), 404, "user_not_found");
    await refused(theirs.auth.admin.updateUserById(id, { password }), 404, "user_not_found");
    await refused(theirs.auth.admin.deleteUser(id), 404, "user_not_found");
    assert.deepEqual((await ok(theirs.auth.admin.listUsers())).users, []);
    await ok(admin.deleteUser(id));
    await refused(make(url, keys.acme.publishable).auth.signInWithPassword({ email: "bo@acme.example", password }), 403, "not_a_member");
}

async function leaves() {
    await ok(acme.from("leads").delete().not("id", "is", null));
    const { session } = await ok(acme.auth.getSession());
    const { error } = await acme.auth.signOut();
    assert.equal(error, null);
    await isSignedOut(acme.auth.getUser(session.access_token));
    assert.equal((await acme.from("leads").select()).error.code, "42501");
}

const email = await signsUp();
await worksWithRows();
await followsChanges();
await staysSignedIn(email);
await recovers(email);
const id = await administers();
await keepsOthersOut(email, id);
await leaves();
console.log(`${name}: signed up, in and out, recovered, administered`);
