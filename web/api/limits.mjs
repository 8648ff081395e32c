// @ts-check
/**
 * How large an image may be, for the API and the page. The build writes the numbers of
 * pycore/images/limits.py here; before that they are no numbers, and limit nothing.
 */

export const MAX_FILE_BYTES = Number("__SEESAY_MAX_FILE_BYTES__");
