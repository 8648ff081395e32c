// @ts-check
/**
 * Makes small pictures of image files, off the page. A message {file, side, isWhole} is answered with
 * what shrunken.mjs makes of it, or with null where the browser cannot decode it.
 */

import { shrunken } from "./shrunken.mjs";

self.onmessage = async ({ data: { file, side, isWhole } }) => {
  self.postMessage(await shrunken(file, side, isWhole).catch(() => null));
};
