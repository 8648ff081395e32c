// @ts-check
/** What is inside a data: address, without asking the network for it (policies often forbid that). */

/**
 * @param {string} address
 * @returns {{ type: string, bytes: Uint8Array<ArrayBuffer> } | null} null: it is damaged
 */
export function readDataUrl(address) {
  // Source: RFC 2397; white space in base64, as HTML has it, is skipped by atob.
  const [head, type = "", base64] = /^data:([^,;]*)(?:;[^,;]*?)*?(;\s*base64)?\s*,/i.exec(address) ?? [];
  if (head === undefined) return null;
  try {
    const data = address.slice(head.length).replace(/#.*$/s, "");
    const bytes = base64 ? binary(atob(decodeURIComponent(data))) : percentDecoded(data);
    return { type: type.trim().toLowerCase(), bytes };
  } catch {
    return null; // InvalidCharacterError or URIError
  }
}

/** @param {string} text one character a byte */
function binary(text) {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** @param {string} text percent escapes stand for bytes, all other characters for their UTF-8 */
function percentDecoded(text) {
  const parts = text.split(/((?:%[0-9a-f]{2})+)/i); // odd ones are escapes
  const bytes = parts.flatMap((part, i) =>
    i % 2
      ? Array.from(part.matchAll(/%(..)/g), ([, digits]) => parseInt(String(digits), 16))
      : [...new TextEncoder().encode(part)],
  );
  return new Uint8Array(bytes);
}
