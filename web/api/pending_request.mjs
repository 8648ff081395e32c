// @ts-check
/** One request on its way through a worker. */

/**
 * @typedef {import("./protocol.d.ts").Requests} Requests
 * @typedef {import("./protocol.d.ts").Answers} Answers
 * @typedef {import("./protocol.d.ts").Events} Events
 *
 * @typedef {Exclude<keyof Answers, "init">} Kind of requests that have an end
 * @typedef {"progress" | "token" | "result"} JobEvent
 * @typedef {{ [Kind in JobEvent]: [kind: Kind, payload: Events[Kind]] }[JobEvent]} JobNews
 */

/**
 * @template {Kind} [K=Kind]
 * @typedef {object} Request
 * @property {K} kind
 * @property {() => Promise<{ payload: Requests[K], transfer?: ArrayBuffer[] }>} prepare makes the
 *   payload afresh for each attempt: transferred buffers are gone with a lost worker
 * @property {boolean} queued true: runs in order with the other compute jobs; false: at once
 * @property {AbortSignal | undefined} [signal]
 * @property {(...news: JobNews) => void} [onEvent]
 */

/**
 * @typedef {"waiting" | "preparing" | "posted"} State waiting for its turn; its payload is being
 *   made; the present worker has it
 * @typedef {Request & {
 *   id: number, attempts: number, state: State, sizeBytes: number,
 *   resolve: (value: any) => void, reject: (reason: unknown) => void,
 * }} PendingRequest `sizeBytes`: of the buffers that were posted with it
 */

/**
 * @param {number} id
 * @param {Request} request
 * @param {{ resolve: (value: any) => void, reject: (reason: unknown) => void }} settle
 * @param {() => void} onAbort called when the request's signal aborts before the job has ended
 * @returns {PendingRequest}
 */
export function pendingRequest(id, request, settle, onAbort) {
  const { signal } = request;
  signal?.addEventListener("abort", onAbort, { once: true });
  const forget = () => signal?.removeEventListener("abort", onAbort);
  return {
    ...request,
    id,
    attempts: 0,
    state: "waiting",
    sizeBytes: 0,
    resolve: (value) => (forget(), settle.resolve(value)),
    reject: (reason) => (forget(), settle.reject(reason)),
  };
}
