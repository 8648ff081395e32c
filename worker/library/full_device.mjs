// @ts-check
/**
 * A library that is there opens on a device that is full, too: to be read, exported, or made smaller.
 *
 * SQLite's pool makes a file at each start, only to see how the browser closes one, and takes it away
 * again. Where there is no room for it, nothing could be opened; what it is to tell is known.
 */

const PROBE = ".opfs-sahpool-sync-check-"; // how the names of such files begin

/** From now on it needs no room, in this worker. */
export function probeWithoutRoom() {
  const kind = globalThis.FileSystemDirectoryHandle?.prototype;
  if (!kind) return;
  const { getFileHandle, removeEntry } = kind;
  Object.assign(kind, {
    /**
     * @this {FileSystemDirectoryHandle}
     * @param {string} name
     * @param {FileSystemGetFileOptions} [how]
     */
    async getFileHandle(name, how) {
      try {
        return await getFileHandle.call(this, name, how);
      } catch (error) {
        const isFull = error instanceof DOMException && error.name === "QuotaExceededError";
        if (!isFull || !name.startsWith(PROBE)) throw error;
        return { createSyncAccessHandle: async () => ({ close() {} }) };
      }
    },
    /**
     * @this {FileSystemDirectoryHandle}
     * @param {string} name
     * @param {FileSystemRemoveOptions} [how]
     */
    async removeEntry(name, how) {
      try {
        await removeEntry.call(this, name, how);
      } catch (error) {
        if (!name.startsWith(PROBE)) throw error; // else there was none
      }
    },
  });
}
