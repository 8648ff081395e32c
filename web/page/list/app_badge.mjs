// @ts-check
/** What the operating system shows of the work: a number on the app's icon, a notification at the end. */

let isWanted = false;

/** @param {number} count of images that are still to be captioned; 0: no number */
export function show(count) {
  // Not every browser has it, and some ask for leave to notify first: the page shows it, too.
  navigator.setAppBadge?.(count).catch(() => {});
}

/** Whether a person may be asked for leave to notify. */
export function canAsk() {
  return !isWanted && "Notification" in globalThis && Notification.permission !== "denied";
}

/** Ask for it, at a click; return whether there will be a notification. */
export async function ask() {
  isWanted = (await Notification.requestPermission()) === "granted";
  return isWanted;
}

/** @param {string} text what has ended; shown where it was asked for and nobody sees the page */
export function tell(text) {
  if (!isWanted || document.visibilityState === "visible") return;
  try {
    const notice = new Notification("Seesay", { body: text, icon: "icons/icon-192.png", tag: "queue" });
    notice.onclick = () => {
      window.focus();
      notice.close();
    };
  } catch {
    // On Android only service workers may notify; the page says it, too.
  }
}
