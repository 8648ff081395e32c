// @ts-check
/** Real progress in bytes of files that other code fetches. */

export class ByteCounter {
  /** @type {Set<string>} absolute URLs */
  #expected = new Set();
  #total = 0;
  #loaded = 0;
  #report;

  /** @param {(loaded: number, total: number) => void} report both in bytes */
  constructor(report) {
    this.#report = report;
  }

  /**
   * The sizes come from the site's assets.json. Content-Length will not do: it counts the
   * compressed bytes where the host compresses.
   *
   * @param {string} baseUrl
   * @param {{ url: string, size_bytes: number }[]} files
   */
  expect(baseUrl, files) {
    for (const { url, size_bytes: size } of files) {
      this.#expected.add(new URL(url, baseUrl).href);
      this.#total += size;
    }
    this.#report(0, this.#total);
  }

  /**
   * Count the expected files from now on, whoever fetches them with `fetch`. Pyodide and
   * onnxruntime-web fetch by themselves and tell nobody how far they are.
   *
   * @returns {() => void} stops counting
   */
  install() {
    const plainFetch = self.fetch;
    self.fetch = async (input, options) => {
      const response = await plainFetch(input, options);
      const url = new URL(input instanceof Request ? input.url : input, self.location.href).href;
      // The caller gets the original: browsers keep compiled code only for what has an address.
      if (this.#expected.delete(url) && response.ok) this.#count(response.clone());
      return response;
    };
    return () => {
      self.fetch = plainFetch;
    };
  }

  /** @param {Response} response */
  async #count(response) {
    const reader = response.body?.getReader();
    try {
      for (;;) {
        const { value } = (await reader?.read()) ?? {};
        if (!value) return;
        this.#loaded = Math.min(this.#loaded + value.byteLength, this.#total);
        this.#report(this.#loaded, this.#total);
      }
    } catch {
      // Whoever reads the original meets the same failure, and reports it.
    }
  }
}
