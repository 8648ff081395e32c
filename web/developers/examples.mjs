// @ts-check
/**
 * The examples of developers.html: their text there is the code here, so what is read is what runs.
 *
 * @typedef {object} World
 * @property {import("../seesay.d.ts").Captioner} captioner
 * @property {Blob} image a drawing of a bee
 * @property {Blob[]} images two drawings
 * @property {HTMLElement} place where an example may put elements
 * @property {(...things: unknown[]) => void} print
 */

/** @param {World} world */
export async function caption({ captioner, image, print }) {
  const result = await captioner.caption(image);
  print(result.caption);
  print(result.confidence, result.model, result.timings);
}

/** @param {World} world */
export async function options({ captioner, image, print }) {
  const { candidates, keywords } = await captioner.caption(image, {
    numBeams: 4,
    numReturnSequences: 3,
    keywords: true,
    signal: AbortSignal.timeout(60_000),
    onToken: ({ text }) => print(text), // the caption so far
  });
  print(candidates.map(({ text }) => text));
  print(keywords.map(({ text }) => text));
}

/** @param {World} world */
export async function batch({ captioner, images, print }) {
  for await (const { index, result, error } of captioner.captionAll(images)) {
    print(index, result?.caption ?? error?.message); // one that fails fails alone
  }
}

/** @param {World} world */
export async function errors({ captioner, print }) {
  const { SeesayError } = await import("../seesay.mjs");
  try {
    await captioner.caption(new Blob(["no image"]));
  } catch (error) {
    if (!(error instanceof SeesayError)) throw error;
    print(error.code); // stable: ErrorCode in seesay.d.ts has all of them
    print(error.message); // for people
  }
}

/** @param {World} world */
export async function element({ captioner, place }) {
  const { SeesayCaptionElement } = await import("../embed/caption_element.mjs");
  SeesayCaptionElement.captioner = captioner; // else the elements make one of their own
  place.innerHTML = `
    <img id="bee" src="developers/bee.png" width="128" height="128">
    <form><seesay-caption for="bee" name="alt" auto></seesay-caption></form>`;
}

/** @param {World} world */
export async function endpoint({ image, print }) {
  const request = { method: "POST", body: image };
  const response = await fetch("api/resize=w:96/caption", request);
  print(response.status, await response.text());
}
