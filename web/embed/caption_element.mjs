// @ts-check
/**
 * `<seesay-caption>`: a field for an image's alternative text that can ask Seesay for a draft.
 *
 * ```html
 * <script type="module" src="seesay/embed/caption_element.mjs"></script>
 * <img id="cat" src="cat.jpg">
 * <form><seesay-caption for="cat" name="alt"></seesay-caption></form>
 * ```
 *
 * Attributes: `for` (the id of the image), `name` (of the form's field), `model`, `auto` (asks by
 * itself once the image has come, if nothing is written yet), `disabled`, `readonly`, `required`.
 * The field begins with the alternative text that the image has. What is written in it, by Seesay or
 * by a person, becomes the image's; Seesay itself never replaces words that were there before.
 *
 * Events, which all bubble: `input` and `change` as of any field, `seesay-caption` (detail: the
 * result, see seesay.d.ts) and `seesay-error` (detail: a SeesayError).
 */

import { createCaptioner, SeesayError } from "../seesay.mjs";

const STYLE = new CSSStyleSheet();
STYLE.replaceSync(`
  :host { display: block; }
  :host([hidden]) { display: none; }
  textarea { box-sizing: border-box; width: 100%; font: inherit; color: inherit; background: transparent; }
  button { font: inherit; margin-block-start: 0.35em; }
  p { margin: 0.35em 0 0; font-size: 0.9em; }
  p:empty { margin: 0; }
`);
const LABEL = "Alternative text";
const WRITING = "Seesay is looking at the image.";
const CANNOT_TELL = "The model cannot tell what this image shows. Write it, or leave it empty if it is decoration.";
const NO_IMAGE = "There is no image to describe: “for” must be the id of an <img> on this page.";

/**
 * The one captioner of all elements on a page, made when the first caption is asked for.
 * @type {import("../seesay.d.ts").Captioner | undefined}
 */
let shared;

export class SeesayCaptionElement extends HTMLElement {
  static formAssociated = true;
  static observedAttributes = ["for", "disabled", "readonly", "required"];

  #internals = this.attachInternals();
  #field = document.createElement("textarea");
  #button = document.createElement("button");
  #status = document.createElement("p");
  /** Words that stood there at first, and that a reset brings back. */
  #initial = "";
  /** @type {AbortController | undefined} of the caption that is being written */
  #work;
  /** @type {AbortController | undefined} of what listens to the image */
  #watch;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    root.adoptedStyleSheets = [STYLE];
    this.#field.rows = 2;
    this.#field.ariaLabel = LABEL;
    this.#field.addEventListener("input", () => this.#take());
    // Unlike "input", it does not leave the shadow tree by itself.
    this.#field.addEventListener("change", () => this.dispatchEvent(new Event("change", { bubbles: true })));
    this.#button.type = "button";
    this.#button.textContent = "Describe";
    this.#button.addEventListener("click", () => this.describe().catch(() => {})); // it was told
    this.#status.role = "status";
    root.append(this.#field, this.#button, this.#status);
  }

  /** The captioner that all elements use; set one of your own before the first caption. */
  static get captioner() {
    shared ??= createCaptioner();
    return shared;
  }

  static set captioner(captioner) {
    shared = captioner;
  }

  /** @returns {HTMLImageElement | null} the image that is described */
  get image() {
    const root = /** @type {Document | ShadowRoot} */ (this.getRootNode());
    const found = root.getElementById?.(this.getAttribute("for") ?? "");
    return found instanceof HTMLImageElement ? found : null;
  }

  get value() {
    return this.#field.value;
  }

  set value(text) {
    this.#field.value = text;
    this.#take();
  }

  get name() {
    return this.getAttribute("name") ?? "";
  }

  get form() {
    return this.#internals.form;
  }

  connectedCallback() {
    this.#internals.setFormValue(this.value); // an empty field is a field, too
    this.#watchImage();
  }

  disconnectedCallback() {
    this.#work?.abort();
    this.#watch?.abort();
  }

  attributeChangedCallback() {
    this.#field.readOnly = this.hasAttribute("readonly");
    this.#field.required = this.hasAttribute("required");
    this.#enable();
    this.#validate();
    if (this.isConnected) this.#watchImage();
  }

  formDisabledCallback() {
    this.#enable();
  }

  formResetCallback() {
    this.#work?.abort();
    this.value = this.#initial;
  }

  /** @param {string} state what the browser kept of the field */
  formStateRestoreCallback(state) {
    this.value = state;
  }

  /**
   * Ask Seesay for a caption, and write it into the field. Words that are written meanwhile stay.
   *
   * @returns {Promise<import("../seesay.d.ts").CaptionResult>}
   * @throws {SeesayError} `input`: there is no image; and all that `Captioner.caption` throws
   */
  async describe() {
    this.#work?.abort();
    const work = new AbortController();
    this.#work = work;
    const before = this.value;
    this.#status.textContent = WRITING;
    this.#enable();
    try {
      const { image } = this;
      if (!image) throw new SeesayError("input", NO_IMAGE);
      const model = this.getAttribute("model") ?? undefined;
      const result = await SeesayCaptionElement.captioner.caption(image, {
        signal: work.signal,
        ...(model && { model }),
      });
      // A caption that claims nothing says of the model, not of the image.
      this.#end(work, result.confidence ? "" : CANNOT_TELL);
      if (result.confidence && this.value === before) this.value = result.caption;
      this.#tell("seesay-caption", result);
      return result;
    } catch (error) {
      if (work.signal.aborted) {
        this.#end(work, "");
      } else {
        this.#end(work, error instanceof Error ? error.message : String(error));
        this.#tell("seesay-error", error);
      }
      throw error;
    }
  }

  /**
   * @param {AbortController} work that ended; another may have begun since
   * @param {string} status
   */
  #end(work, status) {
    if (this.#work !== work) return;
    this.#work = undefined;
    this.#status.textContent = status;
    this.#enable();
  }

  /**
   * @param {string} kind
   * @param {unknown} detail
   */
  #tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { bubbles: true, composed: true, detail }));
  }

  /** The field begins with what the image says already. */
  #watchImage() {
    this.#watch?.abort();
    this.#watch = new AbortController();
    const { image } = this;
    if (!image) return;
    if (!this.value && image.alt) {
      this.#initial = image.alt;
      this.value = image.alt;
    }
    if (!this.hasAttribute("auto") || this.value || image.hasAttribute("alt")) return;
    const begin = () => this.describe().catch(() => {}); // it was told
    if (image.complete && image.naturalWidth) begin();
    else image.addEventListener("load", begin, { once: true, signal: this.#watch.signal });
  }

  /** What is written counts: for the form, and for the image. */
  #take() {
    this.#internals.setFormValue(this.value);
    this.#validate();
    const { image } = this;
    if (image && image.alt !== this.value) image.alt = this.value;
  }

  #validate() {
    const { validity, validationMessage } = this.#field;
    this.#internals.setValidity(validity, validationMessage, this.#field);
  }

  #enable() {
    const disabled = this.matches(":disabled");
    this.#field.disabled = disabled;
    this.#button.disabled = disabled || this.hasAttribute("readonly") || this.#work !== undefined;
  }
}

customElements.define("seesay-caption", SeesayCaptionElement);
