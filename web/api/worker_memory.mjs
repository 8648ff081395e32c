// @ts-check
/**
 * How much memory the workers of a captioner hold: wasm heaps never shrink, so what a worker has
 * taken comes back only with its end.
 */

/** The largest model and Python need 450 MB of it for photographs of a usual size. */
const LARGE_BYTES = 600_000_000;
/** A restart costs seconds, and what some images need they would need again: not more often. */
const JOBS_BETWEEN_RESTARTS = 4;

export class WorkerMemory {
  #totalBytes = 0;
  #jobs = 0;
  #keepsModels = false;
  /** Of the worker that has held the most so far, ended ones included. */
  peak = { model_bytes: 0, python_bytes: 0, total_bytes: 0 };

  /** A worker was started. */
  begin() {
    this.#totalBytes = 0;
    this.#jobs = 0;
    this.#keepsModels = false;
  }

  /** @param {import("./protocol.d.ts").Memory} memory what a worker tells after each job */
  note({ model_heap_bytes: model_bytes, python_heap_bytes: python_bytes, keeps_models: keepsModels }) {
    this.#totalBytes = model_bytes + python_bytes;
    this.#keepsModels = keepsModels;
    const total_bytes = this.#totalBytes;
    if (total_bytes > this.peak.total_bytes) this.peak = { model_bytes, python_bytes, total_bytes };
  }

  /** The worker has finished a job of the queue. */
  countJob() {
    this.#jobs += 1;
  }

  /** Whether the worker should end when nothing is left to do. */
  get isLarge() {
    return this.#totalBytes > LARGE_BYTES && !this.#keepsModels;
  }

  /** Whether it should be replaced although there is more to do. */
  get isOverdue() {
    return this.isLarge && this.#jobs >= JOBS_BETWEEN_RESTARTS;
  }
}
