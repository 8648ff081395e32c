// @ts-check
/**
 * What a person granted to programs that ask the endpoint: folders by a name, and other sites. Kept in
 * this site's IndexedDB, since nothing else keeps the handle of a folder.
 */

const NAME = `seesay-grants:${new URL("../../", import.meta.url).pathname}`;
const STORES = /** @type {const} */ (["folders", "sites"]);

/**
 * @typedef {{ alias: string, handle: any }} Folder handle: FileSystemDirectoryHandle
 * @typedef {{ site: string }} Site an origin
 * @typedef {typeof STORES[number]} Store
 */

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * @template T
 * @param {Store} store
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} act
 * @returns {Promise<T>}
 */
async function withStore(store, mode, act) {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore("folders", { keyPath: "alias" });
    opening.result.createObjectStore("sites", { keyPath: "site" });
  };
  const database = await done(opening);
  try {
    return await done(act(database.transaction(store, mode).objectStore(store)));
  } finally {
    database.close();
  }
}

/** @returns {Promise<Folder[]>} in the order of their names */
export const folders = () => withStore("folders", "readonly", (store) => store.getAll());

/** @returns {Promise<Site[]>} */
export const sites = () => withStore("sites", "readonly", (store) => store.getAll());

/**
 * @param {string} alias
 * @returns {Promise<Folder | undefined>}
 */
export const folder = (alias) => withStore("folders", "readonly", (store) => store.get(alias));

/** @param {string} site */
export const hasSite = async (site) =>
  (await withStore("sites", "readonly", (store) => store.getKey(site))) !== undefined;

/** @param {string} site */
export const grantSite = (site) => withStore("sites", "readwrite", (store) => store.put({ site }));

/**
 * @param {string} alias
 * @param {any} handle FileSystemDirectoryHandle
 */
export const grantFolder = (alias, handle) =>
  withStore("folders", "readwrite", (store) => store.put({ alias, handle }));

/**
 * @param {Store} store
 * @param {string} name
 */
export const revoke = (store, name) => withStore(store, "readwrite", (kept) => kept.delete(name));

/**
 * @param {string} alias
 * @returns {Promise<boolean>} whether the browser still lets this page read the folder
 */
export async function isReadable(alias) {
  const granted = await folder(alias);
  // The browser's private file system needs no permission, and has nothing to ask.
  return ["granted", undefined].includes(await granted?.handle.queryPermission?.({ mode: "read" }));
}

/**
 * Have the browser ask the person; must follow a click closely.
 *
 * @param {string} alias
 */
export async function askAgain(alias) {
  const granted = await folder(alias);
  await granted?.handle.requestPermission?.({ mode: "read" });
}
