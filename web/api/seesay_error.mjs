// @ts-check

/** Everything that Seesay rejects with, but for aborts. */
export class SeesayError extends Error {
  /**
   * @param {import("../seesay.d.ts").ErrorCode} code
   * @param {string} message the sentence a person reads
   * @param {string} [detail] for developers
   */
  constructor(code, message, detail = "") {
    super(message);
    this.name = /** @type {const} */ ("SeesayError");
    this.code = code;
    this.detail = detail;
  }

  /** @param {import("./protocol.d.ts").Failure} failure */
  static from({ code, message, detail }) {
    return new SeesayError(/** @type {import("../seesay.d.ts").ErrorCode} */ (code), message, detail);
  }
}

/**
 * What an aborted call rejects with, unless its signal has a reason of its own.
 *
 * @param {string} message
 */
export function abortError(message) {
  return new DOMException(message, "AbortError");
}
