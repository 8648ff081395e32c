// @ts-check
/**
 * Fetches that begin before anyone asks, and are counted in bytes.
 *
 * Pyodide and onnxruntime-web fetch their large files by themselves, one after the other, after
 * their scripts have come, and tell nobody how far they are. Here all of them start at once, and
 * whoever fetches one of them is handed the answer that is on its way.
 */

import { lost, refusal } from "./boot_failure.mjs";

export class EarlyFetch {
  /** @type {Map<string, Promise<Response>>} by absolute URL */
  #started = new Map();
  /** @type {Map<string, Promise<void>>} */
  #arrivals = new Map();
  #total = 0;
  #loaded = 0;
  #report;
  #plainFetch = self.fetch;
  /**
   * Rejects with what is wrong with the first file that cannot be had. Pyodide, for one, would wait
   * for ever for its wasm file.
   * @type {Promise<never>}
   */
  failure;
  /** @type {(error: unknown) => void} */
  #fail = () => {};
  #baseUrl;

  /**
   * @param {string} baseUrl of the site
   * @param {(loaded: number, total: number) => void} report in bytes; once the total is known
   */
  constructor(baseUrl, report) {
    this.#baseUrl = baseUrl;
    this.#report = report;
    this.failure = new Promise((_, reject) => (this.#fail = reject));
    this.failure.catch(() => {}); // nobody asks once all is here
  }

  /**
   * Begin to fetch, and take over `fetch` in this worker.
   *
   * @param {string[]} urls
   */
  start(urls) {
    for (const url of urls) this.#arrivals.set(url, this.#count(url, this.#watch(url, this.#begin(url))));
    self.fetch = this.fetch;
  }

  /**
   * Fetch more, once the first files are here. Whoever reads these counts them.
   *
   * @param {string[]} urls
   */
  async startNext(urls) {
    await this.arrivals();
    for (const url of urls) this.begin(url);
  }

  /**
   * Begin to fetch what is about to be asked for.
   *
   * @param {string} url
   */
  begin(url) {
    this.#begin(url, wholly);
  }

  /** Resolves when all of the first files are here, and counted, or cannot be had. */
  async arrivals() {
    await Promise.all(this.#arrivals.values());
  }

  /** @type {typeof fetch} like the browser's, but whatever is on its way is not fetched again */
  fetch = (input, options) => {
    const url = new URL(input instanceof Request ? input.url : input, self.location.href).href;
    const started = this.#started.get(url);
    this.#started.delete(url);
    return started ?? this.#watch(url, this.#plainFetch.call(self, input, options));
  };

  /**
   * The sizes come from the site's assets.json. Content-Length will not do: it counts the
   * compressed bytes where the host compresses.
   *
   * @param {number} total bytes of all files
   */
  expect(total) {
    this.#total = total;
    this.#report(Math.min(this.#loaded, total), total);
  }

  /**
   * @param {string} url
   * @returns {Promise<void>} resolves when the whole file is here, or cannot be had
   */
  async arrival(url) {
    await this.#arrivals.get(url);
  }

  /** Give `fetch` back. */
  stop() {
    self.fetch = this.#plainFetch;
  }

  /**
   * @param {string} url
   * @param {Promise<Response>} answer
   */
  #watch(url, answer) {
    answer.then(
      (response) => {
        const fault = refusal(this.#baseUrl, url, response);
        if (fault) this.#fail(fault);
      },
      (error) => this.#fail(lost(this.#baseUrl, url, error)),
    );
    return answer;
  }

  /**
   * @param {string} url
   * @param {(response: Response) => Response | Promise<Response>} [prepare]
   */
  #begin(url, prepare = (response) => response) {
    const started = this.#plainFetch.call(self, url, { credentials: "same-origin" }).then(prepare);
    this.#started.set(url, started);
    // Whoever wants it afterwards asks anew: the connection may be back.
    const forget = () => this.#started.get(url) === started && this.#started.delete(url);
    started.then(({ ok }) => ok || forget(), forget);
    return started;
  }

  /**
   * @param {string} url
   * @param {Promise<Response>} started
   */
  async #count(url, started) {
    try {
      // A copy is counted: browsers keep compiled code only for the original.
      const reader = (await started).clone().body?.getReader();
      for (;;) {
        const { value } = (await reader?.read()) ?? {};
        if (!value) return;
        this.#loaded += value.byteLength;
        if (this.#total) this.#report(Math.min(this.#loaded, this.#total), this.#total);
      }
    } catch (error) {
      this.#fail(lost(this.#baseUrl, url, error)); // broken off in the middle
    }
  }
}

/**
 * An answer that nobody reads yet would hold its connection.
 *
 * @param {Response} response
 */
async function wholly(response) {
  return new Response(await response.arrayBuffer(), response);
}
