// @ts-check
/** The number on the installed app's icon: how many images are still to be captioned. */

/** @param {number} count 0: no number */
export function show(count) {
  // Not every browser has it, and some ask for leave to notify first: the page shows it, too.
  navigator.setAppBadge?.(count).catch(() => {});
}
