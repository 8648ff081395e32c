// @ts-check
/**
 * Lends pages a captioner's worker that is up already. Runs in each page of the context before the
 * page's own scripts (tests/browser/warm_page.py): the first page, which stays, keeps the worker; the
 * pages that it opens borrow it, one at a time, and know no difference but that it starts at once.
 *
 * Nothing of one page reaches the next: what it asked for and left is cancelled, answers to it are
 * dropped, and each request has a number of its own, whichever page it comes from.
 */

/** @typedef {{ v: number, id: number, kind: string, payload: any }} Message */

const ENDS = ["done", "error", "cancelled"];
const LIMIT_MS = 60_000; // for jobs that were cancelled to end

class Keeper {
  /** @type {Worker | null} */
  #worker = null;
  #isUp = false;
  #lastId = 0;
  /** What has not ended. @type {Map<number, { borrower: object, id: number }>} */
  #open = new Map();
  /** @type {{ hear?: (message: Message) => void, fail?: (event: Event) => void } | null} */
  #borrower = null;
  #settle = () => {};

  /**
   * @param {URL} url of the worker
   * @param {WorkerOptions} options
   * @returns {object | null} for who borrows the worker to set `hear` and `fail`; null if it is lent
   */
  lend(url, options) {
    if (this.#borrower) return null;
    this.#worker ??= new Worker(url, options);
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = (event) => {
      this.#borrower?.fail?.(event);
      this.end();
    };
    return (this.#borrower = {});
  }

  /**
   * @param {Message} message
   * @param {Transferable[]} transfer
   */
  send(message, transfer) {
    const borrower = this.#borrower;
    if (message.kind === "init") {
      if (this.#isUp) queueMicrotask(() => borrower?.hear?.({ ...message, kind: "done", payload: {} }));
      else if (this.#lastId++ === 0) this.#worker?.postMessage(message, transfer);
    } else if (message.kind === "cancel") {
      for (const [id, one] of this.#open) if (one.borrower === borrower && one.id === message.payload.id) this.#cancel(id);
    } else if (message.kind === "ping") {
      this.#worker?.postMessage(message, transfer);
    } else {
      this.#worker?.postMessage({ ...message, id: ++this.#lastId }, transfer);
      this.#open.set(this.#lastId, { borrower: /** @type {object} */ (borrower), id: message.id });
    }
  }

  /**
   * The page is gone.
   *
   * @param {object | null} borrower what it was lent; whoever has borrowed since keeps the worker
   */
  release(borrower = this.#borrower) {
    if (borrower !== this.#borrower) return;
    this.#borrower = null;
    for (const id of this.#open.keys()) this.#cancel(id);
  }

  /** Resolves once nothing is in work any more. */
  async settled() {
    const ended = new Promise((resolve) => (this.#settle = () => this.#open.size || resolve(null)));
    this.#settle();
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, LIMIT_MS))]);
    if (this.#open.size) this.end();
  }

  /** End the worker, as a page may; the next page starts another one. */
  end() {
    this.#worker?.terminate();
    this.#worker = null;
    this.#isUp = false;
    this.#lastId = 0;
    this.#open.clear();
    this.#settle();
  }

  /** @param {number} id */
  #cancel(id) {
    this.#worker?.postMessage({ v: 1, id, kind: "cancel", payload: { id } });
  }

  /** @param {Message} message */
  #receive(message) {
    const asked = this.#open.get(message.id);
    if (ENDS.includes(message.kind)) this.#open.delete(message.id);
    this.#settle();
    if (message.id === 0) {
      this.#isUp ||= message.kind === "done";
      this.#borrower?.hear?.(message);
      if (message.kind === "error") this.end(); // it did not start: the next page tries anew
    } else if (asked && asked.borrower === this.#borrower) {
      this.#borrower.hear?.({ ...message, id: asked.id });
    }
  }
}

if (globalThis.opener) {
  const { keeper } = opener;
  /** @type {object | null} */
  let mine = null;
  addEventListener("pagehide", () => mine && keeper.release(mine));
  globalThis.Worker = class extends Worker {
    /**
     * @param {URL} url
     * @param {WorkerOptions} options
     */
    constructor(url, options) {
      const lent = options?.name === "seesay" ? keeper.lend(url, options) : null;
      mine ??= lent;
      if (lent) return Object.create(new.target.prototype, { lent: { value: lent } });
      super(url, options);
    }
    postMessage(message, transfer) {
      if (this.lent) keeper.send(message, transfer);
      else super.postMessage(message, transfer);
    }
    set onmessage(listener) {
      // Cloned, so that objects are of this page's making, as they would be without a keeper.
      if (this.lent) this.lent.hear = (message) => listener({ data: structuredClone(message) });
      else super.onmessage = listener;
    }
    set onerror(listener) {
      if (this.lent) this.lent.fail = listener;
      else super.onerror = listener;
    }
    set onmessageerror(listener) {
      if (!this.lent) super.onmessageerror = listener;
    }
    terminate() {
      if (this.lent) keeper.end();
      else super.terminate();
    }
  };
} else {
  Object.assign(globalThis, { keeper: new Keeper() });
}
