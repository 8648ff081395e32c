// @ts-check
/** Logits of the same images from several runs, held in the page and compared there. */

export class Logits {
  /** @type {Map<string, { ids: number[], logits: Float32Array[] }[]>} by run, one for each image */
  #runs = new Map();

  /**
   * @param {string} run
   * @param {{ ids: number[], logits: Float32Array[] }} record
   */
  add(run, record) {
    const records = this.#runs.get(run) ?? [];
    records.push(record);
    this.#runs.set(run, records);
  }

  clear() {
    this.#runs.clear();
  }

  /** @param {string} run */
  ids(run) {
    return this.#records(run).map(({ ids }) => ids);
  }

  /**
   * One image's logits for another program: float32, steps times vocabulary, as base64.
   *
   * @param {string} run
   * @param {number} index
   */
  async base64(run, index) {
    const record = this.#records(run)[index];
    const reader = new FileReader();
    const done = new Promise((resolve) => (reader.onload = resolve));
    reader.readAsDataURL(new Blob(/** @type {BlobPart[]} */ (record?.logits)));
    await done;
    return String(reader.result).split(",")[1];
  }

  /**
   * Compare two runs step by step, for as long as both have read the same tokens. One of them may
   * have stopped at the end of text; what the other wrote after it does not count.
   *
   * @param {string} one
   * @param {string} other
   */
  compare(one, other) {
    const result = { images: 0, steps: 0, different_values: 0, largest: 0, same_ids: 0 };
    this.#records(one).forEach((a, i) => {
      const b = /** @type {typeof a} */ (this.#records(other)[i]);
      const length = Math.min(a.ids.length, b.ids.length);
      result.images += 1;
      result.same_ids += Number(a.ids.slice(0, length).join() === b.ids.slice(0, length).join());
      for (let step = 0; step < length; step += 1) {
        result.steps += 1;
        countDifferences(
          /** @type {Float32Array} */ (a.logits[step]),
          /** @type {Float32Array} */ (b.logits[step]),
          result,
        );
        if (a.ids[step] !== b.ids[step]) break;
      }
    });
    return result;
  }

  /** @param {string} run */
  #records(run) {
    const records = this.#runs.get(run);
    if (!records) throw new Error(`there is no run ${run}`);
    return records;
  }
}

/**
 * @param {Float32Array} one
 * @param {Float32Array} other
 * @param {{ different_values: number, largest: number }} result
 */
function countDifferences(one, other, result) {
  if (one.length !== other.length) throw new Error(`${one.length} logits, not ${other.length}`);
  for (let i = 0; i < one.length; i += 1) {
    const a = /** @type {number} */ (one[i]);
    const b = /** @type {number} */ (other[i]);
    if (!Object.is(a, b)) {
      result.different_values += 1;
      result.largest = Math.max(result.largest, Math.abs(a - b));
    }
  }
}
