/** The global object of a web, shared or service worker of a browser: one that has an address. Servers have none. */
export function workerScope(): typeof globalThis | undefined {
  const { WorkerGlobalScope: Scope, location } = globalThis as {
    WorkerGlobalScope?: new () => object;
    location?: Location;
  };
  return location && Scope && globalThis instanceof Scope ? globalThis : undefined;
}
