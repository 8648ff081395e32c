// @ts-check
/** Real progress in bytes of files that other code fetches. */

export class ByteCounter {
  /** @type {Map<string, number>} bytes still expected, by absolute URL */
  #expected = new Map();
  #total = 0;
  #loaded = 0;
  #report;

  /** @param {(loaded: number, total: number) => void} report both in bytes */
  constructor(report) {
    this.#report = report;
  }

  /**
   * Look up the files' sizes in the site's assets.json. Content-Length will not do: it counts the
   * compressed bytes where the host compresses.
   *
   * @param {string} baseUrl
   * @param {string[]} paths
   * @returns {Promise<{ version?: string }>} assets.json; {} where the site has none
   */
  async expect(baseUrl, paths) {
    const response = await fetch(`${baseUrl}assets.json`).catch(() => null);
    const assets = response?.ok ? await response.json() : {};
    /** @type {{ url: string, size_bytes: number }[]} */
    const entries = [...(assets.boot ?? []), ...(assets.runtime ?? [])];
    const sizes = new Map(entries.map((entry) => [new URL(entry.url, baseUrl).href, entry.size_bytes]));
    for (const path of paths) {
      const url = new URL(path, baseUrl).href;
      const size = sizes.get(url) ?? 0;
      this.#expected.set(url, size);
      this.#total += size;
    }
    this.#report(0, this.#total);
    return assets;
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
      if (!this.#expected.delete(url) || !response.ok || !response.body) return response;
      const { status, statusText, headers } = response;
      return new Response(response.body.pipeThrough(this.#tap()), { status, statusText, headers });
    };
    return () => {
      self.fetch = plainFetch;
    };
  }

  #tap() {
    return new TransformStream({
      transform: (chunk, controller) => {
        this.#loaded = Math.min(this.#loaded + chunk.byteLength, this.#total);
        this.#report(this.#loaded, this.#total);
        controller.enqueue(chunk);
      },
    });
  }
}
