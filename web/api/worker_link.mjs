// @ts-check
/**
 * One worker, kept alive: requests go in, promises come out. It owns the queue, so that a worker
 * that dies or falls silent can be replaced without losing what waits.
 */

import { Watchdog } from "./watchdog.mjs";
import { SeesayError, abortError } from "./seesay_error.mjs";
import { pendingRequest } from "./pending_request.mjs";
import { workerFault } from "./worker_fault.mjs";

const PROTOCOL_VERSION = 1;
/** Compute jobs sent ahead, so that the worker can prepare one image while it captions another. */
const MAX_IN_FLIGHT = 2;
const MAX_ATTEMPTS = 2;
const EVENTS = new Set(["progress", "token", "result"]);
/** Only the end of a worker returns its memory; the largest model needs 350 MB of it. */
const RECYCLE_BYTES = 600_000_000;

/**
 * @typedef {import("./pending_request.mjs").Request} Request
 * @typedef {import("./pending_request.mjs").PendingRequest} PendingRequest
 *
 * @typedef {object} LinkOptions
 * @property {URL} workerUrl
 * @property {{ baseUrl: string, numThreads: number | null, hub: string | null,
 *   lowMemory: boolean | null, model: string }} init
 * @property {{ boot: number, silence: number }} deadlines in milliseconds
 * @property {(payload: any) => void} onBootProgress
 */

export class WorkerLink {
  #options;
  #lastId = 0;
  /** @type {Worker | null} null: none is running, or it is being replaced */
  #worker = null;
  #isBooted = false;
  #numThreads;
  /** @type {PendingRequest[]} in order of arrival; sent ones first among the queued */
  #jobs = [];
  #heapBytes = 0;
  #watchdog;
  #isClosed = false;
  restarts = 0;
  /** Of the worker that held the most: wasm heaps never shrink, only a worker's end frees them. */
  peakMemory = { model_bytes: 0, python_bytes: 0, total_bytes: 0 };
  /** @type {Promise<void>} the first boot */
  ready;
  /** @type {{ resolve: () => void, reject: (reason: unknown) => void }} */
  #settleReady;

  /** @param {LinkOptions} options */
  constructor(options) {
    this.#options = options;
    this.#numThreads = options.init.numThreads;
    const { boot, silence } = options.deadlines;
    this.#watchdog = new Watchdog(Math.min(5000, silence / 4, boot / 4), (quietMs) => this.#beat(quietMs));
    let settle = { resolve: () => {}, reject: (/** @type {unknown} */ _) => {} };
    this.ready = new Promise((resolve, reject) => (settle = { resolve, reject }));
    this.ready.catch(() => {}); // every call that waits is told as well
    this.#settleReady = settle;
    this.#boot();
  }

  /**
   * @param {Request} request
   * @returns {Promise<any>} the payload of its `done`
   */
  request(request) {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(abortError("The captioner was closed."));
      const { signal } = request;
      if (signal?.aborted) return reject(signal.reason);
      this.#lastId += 1;
      const id = this.#lastId;
      const onAbort = () => this.#cancel(id, signal?.reason);
      this.#jobs.push(pendingRequest(id, request, { resolve, reject }, onAbort));
      if (!this.#worker) this.#boot();
      this.#pump();
    });
  }

  close() {
    this.#isClosed = true;
    this.#stopWorker();
    this.#settleReady.reject(abortError("The captioner was closed."));
    for (const job of this.#jobs.splice(0)) job.reject(abortError("The captioner was closed."));
  }

  #boot() {
    const { workerUrl, init } = this.#options;
    const worker = new Worker(workerUrl, { type: "module", name: "seesay" });
    this.#worker = worker;
    this.#isBooted = false;
    worker.onmessage = ({ data }) => this.#receive(worker, data);
    worker.onmessageerror = () => this.#lose(worker, "a message could not be read");
    worker.onerror = async (event) => {
      event.preventDefault();
      // Without a message where a script of the worker could not be had.
      const fault = event.message || this.#isBooted ? null : await workerFault(init.baseUrl);
      if (fault && worker === this.#worker) this.#failBoot(fault);
      else this.#lose(worker, event.message || "the worker's script failed");
    };
    this.#send(0, "init", { ...init, numThreads: this.#numThreads });
    this.#watchdog.start();
  }

  #stopWorker() {
    this.#watchdog.stop();
    this.#worker?.terminate();
    this.#worker = null;
  }

  /**
   * @param {number} id
   * @param {string} kind
   * @param {object} payload
   * @param {Transferable[]} [transfer]
   */
  #send(id, kind, payload, transfer = []) {
    this.#worker?.postMessage({ v: PROTOCOL_VERSION, id, kind, payload }, transfer);
  }

  /** Send whatever may be sent now. */
  #pump() {
    if (!this.#isBooted) return;
    let room = MAX_IN_FLIGHT - this.#jobs.filter((job) => job.queued && job.sent).length;
    for (const job of this.#jobs) {
      if (job.sent || (job.queued && room <= 0)) continue;
      if (job.queued) room -= 1;
      job.sent = true;
      this.#dispatch(job, this.#worker);
    }
    this.#watchdog.start();
  }

  /**
   * @param {PendingRequest} job
   * @param {Worker | null} worker
   */
  async #dispatch(job, worker) {
    try {
      const { payload, transfer } = await job.prepare();
      if (worker !== this.#worker || !this.#jobs.includes(job)) return; // lost or cancelled
      job.attempts += 1;
      this.#send(job.id, job.kind, payload, transfer);
    } catch (error) {
      this.#end(job)?.reject(error);
    }
  }

  /**
   * @param {number} id
   * @param {unknown} reason
   */
  #cancel(id, reason) {
    const job = this.#jobs.find((candidate) => candidate.id === id);
    if (!job) return;
    job.reject(reason);
    job.onEvent = undefined; // what the worker still sends is not wanted
    if (job.attempts > 0) this.#send(id, "cancel", { id }); // its place is free when it has ended
    else this.#end(job);
  }

  /**
   * @param {PendingRequest} job
   * @returns {PendingRequest | null} the job, or null if it had ended before
   */
  #end(job) {
    const index = this.#jobs.indexOf(job);
    if (index < 0) return null;
    this.#jobs.splice(index, 1);
    queueMicrotask(() => this.#pump());
    return job;
  }

  /**
   * @param {Worker} worker
   * @param {{ v: number, id: number, kind: string, payload: any }} message
   */
  #receive(worker, { id, kind, payload }) {
    if (worker !== this.#worker) return;
    if (kind === "pong") this.#heapBytes = payload.heapBytes;
    if (!this.#isBooted) return this.#receiveWhileBooting(id, kind, payload);
    if (kind === "memory") this.#noteMemory(payload);
    const running = this.#jobs.find((job) => job.queued && job.sent);
    if (!running || running.id === id) this.#watchdog.hear();
    const job = this.#jobs.find((candidate) => candidate.id === id);
    if (!job) return;
    if (EVENTS.has(kind)) job.onEvent?.(kind, payload);
    else if (kind === "done") this.#end(job)?.resolve(payload);
    else if (kind === "error") this.#fail(job, SeesayError.from(payload));
    else if (kind === "cancelled") this.#end(job)?.reject(abortError("The job was stopped."));
  }

  /** @param {{ model_heap_bytes: number, python_heap_bytes: number }} heaps */
  #noteMemory({ model_heap_bytes: model_bytes, python_heap_bytes: python_bytes }) {
    const total_bytes = model_bytes + python_bytes;
    if (total_bytes > this.peakMemory.total_bytes) this.peakMemory = { model_bytes, python_bytes, total_bytes };
  }

  /**
   * @param {PendingRequest} job
   * @param {SeesayError} error
   */
  #fail(job, error) {
    this.#end(job)?.reject(error);
    // A model runtime that failed once, out of memory for example, may fail from then on.
    if (error.code === "inference" && this.#worker) this.#lose(this.#worker, error.message);
  }

  /**
   * @param {number} id
   * @param {string} kind
   * @param {any} payload
   */
  #receiveWhileBooting(id, kind, payload) {
    if (id !== 0 || kind === "pong") return;
    this.#watchdog.hear();
    if (kind === "progress") {
      this.#options.onBootProgress(payload);
    } else if (kind === "done") {
      this.#isBooted = true;
      this.#settleReady.resolve();
      this.#pump();
    } else if (kind === "error") {
      this.#failBoot(SeesayError.from(payload));
    }
  }

  /** @param {SeesayError} error */
  #failBoot(error) {
    this.#stopWorker();
    if (error.code === "environment" && this.#numThreads === null) {
      // Threads are what most often keeps a runtime from starting: once more without.
      this.#numThreads = 1;
      this.restarts += 1;
      this.#boot();
      return;
    }
    this.#settleReady.reject(error);
    for (const job of this.#jobs.splice(0)) job.reject(error);
  }

  /**
   * The worker is gone or good for nothing: replace it, and go on with what waits.
   *
   * @param {Worker} worker
   * @param {string} why
   */
  #lose(worker, why) {
    if (worker !== this.#worker) return;
    if (!this.#isBooted) {
      const message = "Seesay could not start in this browser. Reload the page and try again.";
      return this.#failBoot(new SeesayError("environment", message, why));
    }
    this.#stopWorker();
    this.restarts += 1;
    const running = this.#jobs.find((job) => job.queued && job.sent);
    for (const job of [...this.#jobs]) {
      const isSuspect = job === running || !job.queued;
      if (!isSuspect) job.attempts = 0;
      job.sent = false;
      if (isSuspect && job.attempts >= MAX_ATTEMPTS) {
        const message = "The captioning worker stopped twice at this job, so it was given up.";
        this.#end(job)?.reject(new SeesayError("worker_lost", message, why));
      } else if (job.signal?.aborted) {
        this.#end(job);
      }
    }
    if (this.#jobs.length > 0) this.#boot();
  }

  /**
   * Take the worker's pulse while it has something to do.
   *
   * @param {number} quietMs
   */
  #beat(quietMs) {
    if (this.#isBooted && this.#jobs.length === 0) return this.#rest();
    const { boot, silence } = this.#options.deadlines;
    const limit = this.#isBooted ? silence : boot;
    if (quietMs > limit && this.#worker) {
      this.#lose(this.#worker, `no sign of life for ${limit} ms`);
    } else {
      this.#send(0, "ping", {});
    }
  }

  /** Nothing is left to do: stop the watchdog, and end a worker that has grown too large. */
  #rest() {
    this.#watchdog.stop();
    if (this.#heapBytes <= RECYCLE_BYTES) return;
    this.#stopWorker(); // the next request boots another
    this.#heapBytes = 0;
    this.restarts += 1;
  }
}
