// @ts-check
/** An answer of the endpoint that the page gives itself: its code is one of docs/openapi.json. */

export class Refusal extends Error {
  /**
   * @param {number} status of HTTP
   * @param {string} code
   * @param {string} message a sentence for people
   */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** As the worker writes its answers; see EndpointAnswer in worker/answers.py. */
  get answer() {
    const { code, message, status } = this;
    return { status, body: JSON.stringify({ error: { code, message } }), headers: {} };
  }
}
