// @ts-check

/**
 * Read a file of the site's own into one buffer, as it arrives.
 *
 * @param {Promise<Response>} request
 * @param {number} sizeBytes
 * @param {(sizeBytes: number) => void} count told of each chunk
 * @returns {Promise<Uint8Array | string>} a text says what went wrong
 */
export async function readBytes(request, sizeBytes, count) {
  try {
    const response = await request;
    if (!response.ok || !response.body) return `HTTP ${response.status}`;
    const bytes = new Uint8Array(sizeBytes);
    let position = 0;
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (position + value.length > sizeBytes) return `more than ${sizeBytes} bytes`;
      bytes.set(value, position);
      position += value.length;
      count(value.length);
    }
    return position === sizeBytes ? bytes : `${position} of ${sizeBytes} bytes`;
  } catch (error) {
    return String(error);
  }
}
