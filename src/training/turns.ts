/** Milliseconds of work after which timers, signals and the page get a turn. */
const TURN = 100;

/** Lets others have a turn. A page that is hidden has no frames, and next to no timers, but it still has messages. */
function giveWay(): Promise<void> {
  return new Promise((resolve) => {
    if (!('document' in globalThis && 'MessageChannel' in globalThis)) {
      setTimeout(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** @returns a function to call, and await, often in long work */
export function turns(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last <= TURN) return;
    await giveWay();
    last = performance.now();
  };
}
