// @ts-check
/** Drives the library's worker for the tests: requests and their ends, kills, a look at what is kept. */

class Client {
  #worker = new Worker("worker/library/boot.mjs", { type: "module" });
  #ids = 0;
  /** @type {Map<number, { resolve: (payload: any) => void, reject: (error: any) => void }>} */
  #open = new Map();
  /** @type {string[]} */
  events = [];
  /** @type {{ stage: string, share: number }[]} of what was asked last */
  progress = [];
  #heard = new EventTarget();

  constructor() {
    this.#worker.onmessage = ({ data: { id, kind, payload } }) => {
      if (id === 0) {
        this.events.push(kind);
        this.#heard.dispatchEvent(new Event(kind));
        return;
      }
      if (kind === "progress") return void this.progress.push(payload);
      const { resolve, reject } = /** @type {any} */ (this.#open.get(id));
      this.#open.delete(id);
      if (kind === "done") resolve(payload);
      else reject(Object.assign(new Error(`${payload.message} ${payload.detail}`), payload));
    };
  }

  /**
   * @param {string} kind
   * @param {any} [payload]
   * @returns {Promise<any>}
   */
  ask(kind, payload = {}) {
    const id = ++this.#ids;
    this.progress = [];
    this.#worker.postMessage({ v: 1, id, kind, payload });
    return new Promise((resolve, reject) => this.#open.set(id, { resolve, reject }));
  }

  /** @param {...any[]} calls each a name or SQL, and parameters */
  async run(...calls) {
    const named = calls.map(([text, parameters]) =>
      text.includes(" ") ? { sql: text, parameters } : { name: text, parameters },
    );
    return (await this.ask("run", { calls: named })).results;
  }

  /** @param {string} kind */
  async event(kind) {
    if (this.events.includes(kind)) return;
    await new Promise((resolve) => this.#heard.addEventListener(kind, resolve, { once: true }));
  }

  kill() {
    this.#worker.terminate();
  }
}

/** @param {number} number */
async function handle(number) {
  const digest = await crypto.subtle.digest("SHA-256", new Uint32Array([number]));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Adds an image with a thumbnail and a caption, as one transaction.
 *
 * @param {Client} client
 * @param {number} number
 * @param {string} text
 */
async function add(client, number, text) {
  const sha256 = await handle(number);
  const name = `${number}.jpg`;
  await client.run(
    ["add_image", { sha256, name, folder: "f", taken_at: null, size_bytes: 1, media_type: "image/jpeg", width: 1, height: 1 }],
    ["add_place", { sha256, name, folder: "f" }],
    ["set_thumbnail", { sha256, thumbnail_type: "image/webp", thumbnail: crypto.getRandomValues(new Uint8Array(6000)) }],
    [
      `INSERT INTO caption (image_id, text, candidates, keywords, text_in_picture, confidence,
        looks_like_text, model, revision, options, made_at)
        SELECT id, :text, '[]', '[]', '', 0.5, 0, 'm', 'r', '{}', '' FROM image WHERE sha256 = :sha256`,
      { text, sha256 },
    ],
  );
}

/** @param {Client} client */
async function state(client) {
  const [[{ integrity_check: integrity }], [{ captions }], [{ found }], [{ count }]] = await client.run(
    ["check_pages"],
    ["SELECT count(*) AS captions FROM caption"],
    ["SELECT count(*) AS found FROM search WHERE search MATCH 'dog'"],
    ["SELECT ifnull(sum(count), 0) AS count FROM tally WHERE kind = 'image'"],
  );
  await client.run(["check_search"]);
  return { integrity, captions, found, count };
}

/**
 * Ends the worker in the middle of writing, again and again.
 *
 * @param {number} rounds
 */
async function killed(rounds) {
  // The lock of a worker that was ended is free a moment later: to take over is to wait for it.
  const again = { lasting: true, takeOver: true };
  let said = 0;
  for (let round = 0; round < rounds; round++) {
    const client = new Client();
    await client.ask("open", again);
    const enough = new Promise((resolve, reject) => {
      let number = round * 1000;
      const next = () =>
        add(client, number++, "a dog").then(() => {
          said++;
          if (number % 1000 > round % 3) resolve(undefined);
          return next();
        }, reject);
      next();
    });
    await enough;
    // The next transaction is under way; where it is cut differs from round to round.
    for (let turn = 0; turn < round % 7; turn++) await new Promise((resolve) => setTimeout(resolve));
    client.kill();
  }
  const client = new Client();
  await client.ask("open", again);
  return { said, rounds, ...(await state(client)) };
}

async function kept() {
  const names = [];
  const folder = /** @type {any} */ (await navigator.storage.getDirectory());
  for await (const name of folder.keys()) names.push(name);
  return names;
}

Object.assign(globalThis, { library: { Client, add, state, killed, kept } });
