// @ts-check
/**
 * One worker, kept alive: requests go in, promises come out. It owns the queue, so that a worker
 * that dies or falls silent can be replaced without losing what waits.
 */

import { Watchdog } from "./watchdog.mjs";
import { SeesayError, abortError } from "./seesay_error.mjs";
import { pendingRequest } from "./pending_request.mjs";
import { workerFault } from "./worker_fault.mjs";
import { WorkerMemory } from "./worker_memory.mjs";

const PROTOCOL_VERSION = 1;
/** Compute jobs sent ahead, so that the worker can prepare one image while it captions another. */
const MAX_IN_FLIGHT = 2;
/** None is sent ahead of images larger than this: files may have hundreds of megabytes. */
const MAX_BYTES_AHEAD = 64_000_000;
const MAX_ATTEMPTS = 2;

/**
 * @typedef {import("./protocol.d.ts").Requests} Requests
 * @typedef {import("./protocol.d.ts").Answers} Answers
 * @typedef {import("./protocol.d.ts").FromWorker} FromWorker
 * @typedef {import("./pending_request.mjs").Kind} Kind
 * @typedef {import("./pending_request.mjs").PendingRequest} PendingRequest
 *
 * @typedef {object} LinkOptions
 * @property {URL} workerUrl
 * @property {import("./protocol.d.ts").Init} init
 * @property {import("./watchdog.mjs").Deadlines} deadlines
 * @property {(progress: import("./protocol.d.ts").Progress) => void} onBootProgress
 */

export class WorkerLink {
  #options;
  #lastId = 0;
  /** @type {Worker | null} null: none is running, or it is being replaced */
  #worker = null;
  #isBooted = false;
  #numThreads;
  /** @type {PendingRequest[]} in order of arrival; posted ones first among the queued */
  #jobs = [];
  #memory = new WorkerMemory();
  #watchdog;
  #isClosed = false;
  restarts = 0;
  /** @type {Promise<void>} the first boot */
  ready;
  /** @type {{ resolve: () => void, reject: (reason: unknown) => void }} */
  #settleReady;

  /** @param {LinkOptions} options */
  constructor(options) {
    this.#options = options;
    this.#numThreads = options.init.numThreads;
    this.#watchdog = new Watchdog(options.deadlines, () => this.#beat());
    let settle = { resolve: () => {}, reject: (/** @type {unknown} */ _) => {} };
    this.ready = new Promise((resolve, reject) => (settle = { resolve, reject }));
    this.ready.catch(() => {}); // every call that waits is told as well
    this.#settleReady = settle;
    this.#boot();
  }

  /**
   * @template {Kind} K
   * @param {import("./pending_request.mjs").Request<K>} request
   * @returns {Promise<Answers[K]>} the payload of its `done`
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

  /** Of the worker that has held the most so far. */
  get peakMemory() {
    return this.#memory.peak;
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
    this.#memory.begin();
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
   * @template {keyof Requests} K
   * @param {number} id
   * @param {K} kind
   * @param {Requests[K]} payload
   * @param {Transferable[]} [transfer]
   */
  #send(id, kind, payload, transfer = []) {
    this.#worker?.postMessage({ v: PROTOCOL_VERSION, id, kind, payload }, transfer);
  }

  /** The job that the worker has in work, if it has one of the queue. */
  get #running() {
    return this.#jobs.find((job) => job.queued && job.state === "posted");
  }

  /** Send whatever may be sent now. */
  #pump() {
    if (!this.#isBooted) return;
    const isBetweenJobs = this.#jobs.every((job) => job.state === "waiting");
    const hasMore = this.#jobs.some((job) => job.queued);
    if (this.#memory.isOverdue && isBetweenJobs && hasMore) return this.#replaceWorker();
    for (const job of this.#jobs) {
      if (job.state !== "waiting" || (job.queued && !this.#hasRoom())) continue;
      job.state = "preparing";
      this.#dispatch(job, this.#worker);
    }
    this.#watchdog.start();
  }

  /** Whether one more job of the queue may be made ready: one ahead of the one that runs. */
  #hasRoom() {
    const isAlone = !this.#jobs.some((job) => !job.queued && job.state !== "waiting");
    if (this.#memory.isOverdue && isAlone) return false; // the next worker's
    const ahead = this.#jobs.filter((job) => job.queued && job.state !== "waiting");
    const sizeBytes = ahead.reduce((total, job) => total + job.sizeBytes, 0);
    const isReading = ahead.some((job) => job.state === "preparing"); // of a size not yet known
    return ahead.length < MAX_IN_FLIGHT && !isReading && sizeBytes <= MAX_BYTES_AHEAD;
  }

  /**
   * @param {PendingRequest} job
   * @param {Worker | null} worker
   */
  async #dispatch(job, worker) {
    try {
      const { payload, transfer = [] } = await job.prepare();
      if (worker !== this.#worker || !this.#jobs.includes(job)) return; // lost or cancelled
      job.sizeBytes = transfer.reduce((total, { byteLength }) => total + byteLength, 0);
      this.#post(job, payload, transfer);
    } catch (error) {
      this.#end(job)?.reject(error);
    }
  }

  /**
   * @param {PendingRequest} job
   * @param {Requests[Kind]} payload
   * @param {ArrayBuffer[]} transfer
   */
  #post(job, payload, transfer) {
    try {
      this.#send(job.id, job.kind, payload, transfer);
    } catch (error) {
      const message = "Something in this call cannot be sent to a worker: a function, for example.";
      throw new SeesayError("configuration", message, String(error)); // it was a DataCloneError
    }
    job.attempts += 1;
    job.state = "posted";
    if (job === this.#running) this.#watchdog.noteProgress();
    this.#pump();
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
    if (job.state === "posted") this.#send(id, "cancel", { id }); // its place is free when it has ended
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
    if (job.queued && job.state === "posted") {
      this.#memory.countJob();
      this.#watchdog.noteProgress(); // it is another's turn
    }
    queueMicrotask(() => this.#pump());
    return job;
  }

  /**
   * @param {Worker} worker
   * @param {FromWorker} message
   */
  #receive(worker, message) {
    if (worker !== this.#worker) return;
    if (!this.#isBooted) return this.#receiveWhileBooting(message);
    const { id, kind, payload } = message;
    this.#watchdog.hear();
    if (kind === "working") this.#watchdog.bePatient(1000 * payload.patience_s);
    if (kind === "memory") this.#memory.note(payload);
    if (this.#running?.id === id) this.#watchdog.noteProgress();
    const job = this.#jobs.find((candidate) => candidate.id === id);
    if (!job) return;
    if (kind === "progress") job.onEvent?.(kind, payload);
    else if (kind === "token") job.onEvent?.(kind, payload);
    else if (kind === "result") job.onEvent?.(kind, payload);
    else if (kind === "done") this.#end(job)?.resolve(payload);
    else if (kind === "error") this.#fail(job, SeesayError.from(payload));
    else if (kind === "cancelled") this.#end(job)?.reject(abortError("The job was stopped."));
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

  /** @param {FromWorker} message */
  #receiveWhileBooting({ id, kind, payload }) {
    if (id !== 0 || kind === "pong") return;
    this.#watchdog.hear();
    if (kind === "progress") {
      this.#options.onBootProgress(payload);
    } else if (kind === "done") {
      this.#isBooted = true;
      if (payload.lock) this.#awaitEnd(payload.lock);
      this.#settleReady.resolve();
      this.#pump();
    } else if (kind === "error") {
      this.#failBoot(SeesayError.from(payload));
    }
  }

  /**
   * No event tells of a worker that ended by itself; but whoever ends lets go of its locks.
   *
   * @param {string} lock
   */
  #awaitEnd(lock) {
    const worker = /** @type {Worker} */ (this.#worker);
    navigator.locks.request(lock, () => this.#lose(worker, "it ended by itself")).catch(() => {});
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
    const running = this.#running;
    for (const job of [...this.#jobs]) {
      const isSuspect = job === running || !job.queued;
      if (!isSuspect) job.attempts = 0;
      job.state = "waiting";
      job.sizeBytes = 0;
      if (isSuspect && job.attempts >= MAX_ATTEMPTS) {
        const message = "The captioning worker stopped twice at this job, so it was given up.";
        this.#end(job)?.reject(new SeesayError("worker_lost", message, why));
      } else if (job.signal?.aborted) {
        this.#end(job);
      }
    }
    this.#replaceWorker();
  }

  /** End the worker; another is started when there is something to do. */
  #replaceWorker() {
    this.#stopWorker();
    this.restarts += 1;
    if (this.#jobs.length > 0) this.#boot();
  }

  /** Look after the worker while it has something to do. */
  #beat() {
    if (this.#isBooted && this.#jobs.length === 0) return this.#rest();
    const isRunning = this.#running !== undefined;
    const why = this.#watchdog.complaint(!this.#isBooted ? "booting" : isRunning ? "running" : "beside");
    if (why && this.#worker) this.#lose(this.#worker, why);
    else this.#send(0, "ping", {});
  }

  /** Nothing is left to do: stop the watchdog, and end a worker that has grown too large. */
  #rest() {
    this.#watchdog.stop();
    if (this.#memory.isLarge) this.#replaceWorker();
  }
}
