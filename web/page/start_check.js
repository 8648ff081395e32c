// @ts-check
/*
 * Says why Seesay cannot start, where it cannot. A classic script that needs nothing else: it runs
 * from disk, with modules refused, without WebAssembly, and in browsers that know no modules.
 */

(() => {
  "use strict";

  const CANNOT_START = "Seesay cannot start:";
  const BARE = "Seesay cannot look as it should:";
  const RELOAD = "Reload the page; if it stays like this, tell whoever runs this site.";
  const STOPPED = `Seesay stopped while it was starting. ${RELOAD}`;
  const SLOW = `Seesay has not started yet. ${RELOAD}`;
  /** From the page's `load` event on; a slow device takes a few seconds. */
  const PATIENCE_MS = 30000;
  /** What the page runs; pictures and style sheets do not keep it from starting. */
  const NEEDED = /\.(m?js|wasm|py|json)$/;

  const here = new URL(".", location.href);
  let isTold = false;

  /**
   * The style sheet, if there is one, hides it if the page starts after all.
   * @param {string} text
   */
  function write(text) {
    whenParsed(() => {
      const notice = /** @type {HTMLElement} */ (document.getElementById("start-problem"));
      notice.textContent = text;
      notice.hidden = false;
    });
  }

  /** @param {string} text */
  function show(text) {
    if (!isTold && !isRunning()) write(text);
  }

  /**
   * Tell the first cause that is known.
   * @param {string} cause
   */
  function tell(cause) {
    show(cause);
    isTold = true;
  }

  function tellSlow() {
    show(SLOW);
    lookForCause();
  }

  /** @param {() => void} act */
  function whenParsed(act) {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", act);
    else act();
  }

  function isRunning() {
    return document.body !== null && document.body.hasAttribute("data-running");
  }

  /** @param {string} url */
  function nameOf(url) {
    return url.slice(here.href.length).split(/[?#]/)[0];
  }

  /** @param {string} url */
  function isOurs(url) {
    return url.indexOf(here.href) === 0 && NEEDED.test(nameOf(url));
  }

  /**
   * @param {string} url
   * @param {number} status
   */
  function refused(url, status) {
    return `the server answers ${status} for ${nameOf(url)}. ${RELOAD}`;
  }

  /** @param {string} url */
  function lost(url) {
    return `${nameOf(url)} could not be fetched. Check the connection, then reload the page.`;
  }

  /**
   * What is wrong with a file, or "".
   * @param {string} url
   * @returns {Promise<string>}
   */
  function faultOf(url) {
    return fetch(url, { cache: "no-cache" }).then(
      (response) => {
        if (!response.ok) return refused(url, response.status);
        const type = response.headers.get("content-type") || "no type";
        const sent = `the server sends ${nameOf(url)} as ${type.split(";")[0]}, and browsers `;
        const remedy = "Whoever runs this site can set that.";
        if (/\.m?js$/.test(nameOf(url)) && !/(java|ecma)script/i.test(type)) {
          return `${sent}run scripts only as text/javascript. ${remedy}`;
        }
        if (/\.css$/.test(nameOf(url)) && !/css/i.test(type)) {
          return `${sent}take style sheets only as text/css. ${remedy}`;
        }
        return "";
      },
      () => lost(url),
    );
  }

  /** The files that the document names, and those that they need first. */
  function named() {
    const links = document.querySelectorAll("script[src], link[rel=modulepreload], link[rel=preload]");
    return Array.from(links, (link) => link.getAttribute("src") || link.getAttribute("href") || "")
      .map((address) => new URL(address, here).href)
      .filter(isOurs);
  }

  /**
   * Look at one file after the other for a cause.
   * @param {string} [otherwise] what to say if there is nothing wrong with any
   */
  function lookForCause(otherwise) {
    if (isTold || isRunning()) return;
    const next = (/** @type {string[]} */ [url, ...rest]) => {
      if (url === undefined) return otherwise && tell(otherwise);
      faultOf(url).then((fault) => (fault ? tell(`${CANNOT_START} ${fault}`) : next(rest)));
    };
    whenParsed(() => next(named()));
  }

  /**
   * Something failed. Files that are named here may be to blame, which do not come, too.
   * @param {Event} event
   */
  function onError({ target }) {
    if (target instanceof HTMLLinkElement && target.rel === "stylesheet") {
      // The page runs all the same, and nothing hides this.
      faultOf(target.href).then((fault) => write(`${BARE} ${fault || lost(target.href)}`));
      return;
    }
    // It may be there again by the time it is looked for, and yet browsers do not ask twice.
    const script = target instanceof HTMLScriptElement ? target.src : "";
    lookForCause(script && `${CANNOT_START} ${lost(script)}`);
  }

  /** @param {PromiseRejectionEvent} event */
  function onRejection({ reason }) {
    const isFetch = reason instanceof TypeError && /fetch|load|import|network/i.test(reason.message);
    const message = `${CANNOT_START} a file could not be fetched. Check the connection, then reload the page.`;
    lookForCause(isFetch ? message : "");
  }

  /** What this browser, or this address, does not allow; "" for nothing. */
  function missing() {
    if (location.protocol === "file:") {
      return (
        "Seesay cannot start from a file on disk: browsers run it from a web address only. On this " +
        "computer, run “python3 -m http.server” in its folder and open http://localhost:8000."
      );
    }
    if (!("noModule" in HTMLScriptElement.prototype) || typeof DecompressionStream === "undefined") {
      return "Seesay cannot start: this browser is too old for it. Update it, or use another one.";
    }
    try {
      new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)); // the empty module
    } catch {
      return (
        "Seesay cannot start: WebAssembly, which it is made of, is switched off here. Allow it in " +
        "this browser's security settings, or use another browser."
      );
    }
    return "";
  }

  function watch() {
    addEventListener("error", onError, true);
    addEventListener("unhandledrejection", onRejection);
    // PyScript has run all that there is to run.
    addEventListener("mpy:done", () => lookForCause(STOPPED), true);
    addEventListener("load", () => setTimeout(tellSlow, PATIENCE_MS));
    // What PyScript asks for and does not get, it mentions on the console alone.
    const observer = new PerformanceObserver((list) => {
      const entries = /** @type {PerformanceResourceTiming[]} */ (list.getEntries());
      for (const { name, responseStatus } of entries) {
        if (responseStatus >= 400 && isOurs(name)) tell(`${CANNOT_START} ${refused(name, responseStatus)}`);
      }
    });
    observer.observe({ type: "resource", buffered: true });
  }

  const cause = missing();
  if (cause) tell(cause);
  else watch();
})();
