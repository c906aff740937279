// Answers of two worlds in a common form.
//
// What the server makes by chance or by the clock is replaced by the place of its first appearance in
// this world: ids and times. That hides nothing of the other tenant's, as it has neither: its ids are
// all sent by the test, of version 4, and only those of version 7 are replaced; its rows are older
// than `since`, and only later times are. All else stays as it came, whichever tenant's it is. One
// thing of ours standing for another would show, too, since each keeps its place for all the test.

const id = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g;
/** As in JSON, and as in CSV or cast to text. */
const time = /(\d{4}-\d\d-\d\d)([T ])(\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(\+00(?::00)?)/g;
const sortable = (day, clock, fraction = "") => `${day} ${clock}.${fraction.padEnd(6, "0")}`;

export const latestIn = (text) =>
    [...text.matchAll(time)].map(([, day, , clock, fraction]) => sortable(day, clock, fraction)).reduce((a, b) => (a > b ? a : b));

/** Says when, and which request it was, as no two answers do. */
const ofOneAnswer = ["date", "x-request-id"];

/** Times end where their zeros begin; of a body that is compared, the length says nothing more. */
const isTold = (method, name) => !ofOneAnswer.includes(name) && (name !== "content-length" || method === "HEAD");

export class World {
    #since;
    #places = new Map();

    constructor(since) {
        this.#since = since;
    }

    #placeOf(made, kind) {
        if (!this.#places.has(made)) this.#places.set(made, `<${kind} ${this.#places.size + 1}>`);
        return this.#places.get(made);
    }

    /** All of an answer that may not depend on another tenant; bytes are letters. */
    common({ method }, { status, headers, bytes }) {
        const told = [...headers].filter(([name]) => isTold(method, name)).map(([name, value]) => `${name}: ${value}\n`);
        return `${status}\n${told.join("")}\n${bytes.toString("latin1")}`
            .replace(id, (made) => this.#placeOf(made, "id"))
            .replace(time, (text, day, between, clock, fraction, zone) => {
                const made = sortable(day, clock, fraction);
                return made > this.#since ? `${this.#placeOf(made, "time")}${between}${zone}` : text;
            });
    }
}
