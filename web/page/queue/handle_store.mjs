// @ts-check
/** Handles of files on this device, kept so that another visit finds the files again. */

const NAME = "seesay-originals";
const STORE = "handles";

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

/** @returns {Promise<IDBDatabase>} */
function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => {
      request.result.onversionchange = () => close(); // another tab takes everything away
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function close() {
  const database = await opened?.catch(() => null);
  opened = null;
  database?.close();
}

/**
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest} ask
 * @returns {Promise<any>}
 */
async function withStore(mode, ask) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const request = ask(database.transaction(STORE, mode).objectStore(STORE));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * @param {string} sha256 of the file
 * @param {any} handle FileSystemFileHandle
 * @returns {Promise<boolean>} whether it is kept: not every browser can
 */
export function putHandle(sha256, handle) {
  return withStore("readwrite", (store) => store.put(handle, sha256)).then(
    () => true,
    () => false,
  );
}

/**
 * @param {string} sha256
 * @returns {Promise<any>} FileSystemFileHandle, or null
 */
export async function getHandle(sha256) {
  const found = await withStore("readonly", (store) => store.get(sha256)).catch(() => null);
  return found ?? null;
}

/** @returns {Promise<string[]>} the hashes of the files that have one */
export function handleKeys() {
  return withStore("readonly", (store) => store.getAllKeys()).catch(() => []);
}

/** @param {string[]} hashes of files whose handles are not to be kept any more */
export async function removeHandles(hashes) {
  if (!hashes.length) return;
  const removeAll = (/** @type {IDBObjectStore} */ store) => {
    const requests = hashes.map((sha256) => store.delete(sha256));
    return /** @type {IDBRequest} */ (requests.at(-1)); // they are worked off in order
  };
  await withStore("readwrite", removeAll).catch(() => {}); // a browser that keeps none
}

/** Takes all of them away, and the place that they were kept in. */
export async function eraseHandles() {
  await close();
  const request = indexedDB.deleteDatabase(NAME);
  await new Promise((resolve) => (request.onsuccess = request.onerror = resolve));
}
