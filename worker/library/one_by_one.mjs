// @ts-check

/**
 * Works off what arrives, one task after the other. A task that fails is told of and takes no later
 * one with it.
 *
 * @param {(error: unknown) => void} onError
 * @returns {(task: () => Promise<void>) => void}
 */
export function oneByOne(onError) {
  let last = Promise.resolve();
  return (task) => {
    last = last.then(task).catch(onError);
  };
}
