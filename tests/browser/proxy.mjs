// A network between a page and the server that can be cut.

import { EventEmitter, once } from "node:events";
import { connect, createServer } from "node:net";

export class Network {
    #connections = new Set();
    #refusals = new EventEmitter();
    #server;
    #cut = false;

    /** To the server at `url`; `this.url` is what a page is given in its place. */
    static async to(url) {
        const network = new Network();
        const { hostname, port } = new URL(url);
        network.#server = createServer((near) => network.#carry(near, hostname, Number(port)));
        network.#server.listen(0, "127.0.0.1");
        await once(network.#server, "listening");
        network.url = `http://127.0.0.1:${network.#server.address().port}`;
        return network;
    }

    /** Ends every connection, in the middle of whatever it is, and lets no new one come about. */
    cut() {
        this.#cut = true;
        for (const connection of this.#connections) connection.resetAndDestroy();
    }

    mend() {
        this.#cut = false;
    }

    /** Resolves when somebody has tried to connect in vain, from now on. */
    refusal() {
        return once(this.#refusals, "refusal");
    }

    close() {
        this.cut();
        this.#server.close();
    }

    #carry(near, host, port) {
        if (this.#cut) {
            near.on("error", () => {});
            near.resetAndDestroy();
            this.#refusals.emit("refusal");
            return;
        }
        const far = connect(port, host);
        for (const [one, other] of [[near, far], [far, near]]) {
            this.#connections.add(one);
            // An error is followed by `close`, which takes the other end down, too.
            one.on("error", () => {}).on("close", () => {
                this.#connections.delete(one);
                other.destroy();
            });
            one.pipe(other);
        }
    }
}
