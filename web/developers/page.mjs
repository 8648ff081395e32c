// @ts-check
/** developers.html: shows the examples, and runs one at a click; nothing is loaded before that. */

import * as examples from "./examples.mjs";

/** @typedef {import("./examples.mjs").World} World */

/** @type {Promise<Pick<World, "captioner" | "image" | "images">> | undefined} */
let parts;

async function load() {
  try {
    const { createCaptioner } = await import("../seesay.mjs");
    const images = await Promise.all(["bee.png", "snowmen.png"].map(fetchImage));
    return { captioner: createCaptioner(), image: images[0], images };
  } catch (error) {
    parts = undefined; // the next click tries again
    throw error;
  }
}

/** @param {string} name */
async function fetchImage(name) {
  const response = await fetch(new URL(name, import.meta.url));
  if (!response.ok) throw new Error(`${name}: the server answers ${response.status}.`);
  return response.blob();
}

/**
 * The body of an example, as it is shown.
 * @param {(world: World) => Promise<void>} example
 */
function textOf(example) {
  const lines = String(example).split("\n").slice(1, -1);
  return lines.map((line) => line.replace(/^ {2}/, "")).join("\n");
}

/** @param {unknown[]} things */
function line(things) {
  return things.map((one) => (typeof one === "string" ? one : JSON.stringify(one))).join(" ");
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Partial<HTMLElementTagNameMap[K]>} properties
 */
function make(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}

/**
 * @param {HTMLElement} section
 * @param {(world: World) => Promise<void>} example
 */
function show(section, example) {
  const title = section.querySelector("h3")?.textContent ?? "";
  const code = make("pre", { tabIndex: 0, textContent: textOf(example) });
  const button = make("button", { type: "button", className: "button", textContent: "Run" });
  button.ariaLabel = `Run: ${title}`;
  const output = make("output", { className: "printed", tabIndex: 0, hidden: true });
  output.ariaLabel = `Printed by: ${title}`;
  const place = make("div", { className: "place" });
  section.append(code, button, output, place);

  /** @param {unknown[]} things */
  const print = (...things) => {
    output.hidden = false;
    output.textContent += `${line(things)}\n`;
  };
  button.addEventListener("click", async () => {
    button.disabled = true;
    button.textContent = "Running";
    output.textContent = "";
    try {
      parts ??= load();
      await example({ ...(await parts), place, print });
    } catch (error) {
      print(error instanceof Error ? error.message : error);
    }
    button.textContent = "Run";
    button.disabled = false;
    button.focus();
  });
}

for (const [name, example] of Object.entries(examples)) {
  const section = document.getElementById(name);
  if (section) show(section, example);
}
