/**
 * One instance of each default object per page, also when two copies of the library are on it (a script tag and a
 * bundle): they meet under `Symbol.for('tabstate.v1')` on the global object.
 */
const registryKey = Symbol.for('tabstate.v1');

/** Under this symbol a state gives `bind` what it needs, also to another copy's. */
export const bindKey: unique symbol = Symbol.for('tabstate.bind') as never;

type Registry = Record<string, unknown>;

/** The first copy's object of this name; made now if there is none. `create` must not do anything observable. */
export function shared<T>(name: string, create: () => T): T {
  const holder = globalThis as unknown as Record<symbol, Registry | undefined>;
  let registry = holder[registryKey];
  if (!registry) {
    registry = Object.create(null) as Registry;
    // not enumerable, so that nobody meets it in a loop over the global object
    Object.defineProperty(globalThis, registryKey, { value: registry });
  }
  if (!(name in registry)) registry[name] = create();
  return registry[name] as T;
}

/** What `reset()` of tabstate/testing runs: what defaults hold beyond what their own members clear. */
export const resets = (): Set<() => unknown> => shared('resets', () => new Set());

/** The cached function whose body is running, for what should not be done inside of one. */
export interface Running {
  functionName: string | undefined;
}

/** For `shared('running', createRunning)`. */
export const createRunning = (): Running => ({ functionName: undefined });
