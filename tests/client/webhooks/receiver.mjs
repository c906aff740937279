// A webhook's receiver as its owner writes it: checks a message, then answers, and passes over what it
// has had before.

import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

export class Receiver {
    #Webhook;
    #told = new EventEmitter();
    // A message that doesn't verify ends the test there and then: nobody catches what is thrown.
    #server = createServer((request, response) => void this.#receive(request, response));

    /** All that has arrived and holds, in its order: `headers`, `body`, and the `content` in it. */
    messages = [];
    /** Each message has to verify by each of these. */
    secrets = [];
    /** Whether messages get no answer. */
    silent = false;

    constructor(Webhook) {
        this.#Webhook = Webhook;
    }

    static async start(Webhook) {
        const receiver = new Receiver(Webhook);
        receiver.#server.listen(0, "127.0.0.1");
        await once(receiver.#server, "listening");
        return receiver;
    }

    get url() {
        return `http://127.0.0.1:${this.#server.address().port}/hook`;
    }

    close() {
        this.#server.close();
        this.#server.closeAllConnections();
    }

    async #receive(request, response) {
        const body = await text(request);
        const { headers } = request;
        const [content] = this.secrets.map((secret) => new this.#Webhook(secret).verify(body, headers));
        this.messages.push({ headers, body, content });
        if (!this.silent) response.writeHead(204).end();
        this.#told.emit("message");
    }

    /** Until that many messages have arrived; the last of them. */
    async message(count) {
        while (this.messages.length < count) await once(this.#told, "message");
        return this.messages[count - 1];
    }

    /** What is left when changes that aren't beyond the last one are passed over; until `seq` is there. */
    async changes(seq) {
        for (;;) {
            let last = 0;
            const all = this.messages.flatMap(({ content }) => content.data.changes ?? []);
            const fresh = all.filter((change) => change.seq > last && (last = change.seq));
            if (last >= seq) return fresh;
            await once(this.#told, "message");
        }
    }
}
