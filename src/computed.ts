// computed(): a ref that is derived from others.
import { all } from './browser/page-life.js';
import { reportListenerError } from './browser/report-error.js';
import { createListeners, type Unsubscribe } from './core/listeners.js';
import { createReadableRef, lookNow, type ReadableRef } from './core/ref.js';

/** What `computed` asks of a source: a ref, or a store of nanostores. */
export interface ComputedSource<T> {
  get(): T;
  listen(listener: () => void): Unsubscribe;
  readonly init?: T | undefined;
  readonly [lookNow]?: (() => void) | undefined;
}

/** Calls `fn` again only when an argument is another one. */
function remember<R>(fn: (...values: unknown[]) => R): (values: unknown[]) => R {
  let known: { values: unknown[]; result: R } | undefined;
  return (values) => {
    if (!known || values.some((value, i) => !Object.is(value, known?.values[i])))
      known = { values, result: fn(...values) };
    return known.result;
  };
}

/**
 * A read-only ref of what `fn` makes of other refs. It runs lazily: on `get()`, and while somebody listens once for each
 * batch that changes a source. Equal results (`Object.is`) are not told.
 *
 * @param source - a ref, or a list of refs whose values become the arguments
 * @param fn - pure; an error reaches the caller of `get()` or of the first `listen()`, otherwise `reportError`
 * @example
 * const total = computed([cart, rate], (items, rate) => items.length * rate);
 * total.listen((now, before) => console.log(before, now));
 */
export function computed<T, R>(source: ComputedSource<T>, fn: (value: T) => R): ReadableRef<R>;
export function computed<const T extends readonly unknown[], R>(
  sources: { [K in keyof T]: ComputedSource<T[K]> },
  fn: (...values: T) => R,
): ReadableRef<R>;
export function computed<R>(
  source: ComputedSource<unknown> | ComputedSource<unknown>[],
  fn: (...values: never[]) => R,
): ReadableRef<R> {
  const sources = Array.isArray(source) ? source : [source];
  const run = remember(fn as (...values: unknown[]) => R);
  const runInit = remember(fn as (...values: unknown[]) => R);
  const lookAtSources = (): void => {
    for (const one of sources) one[lookNow]?.();
  };
  const get = (): R => {
    lookAtSources();
    return run(sources.map((one) => one.get()));
  };
  let told: R;
  const listeners = createListeners<[R, R]>(reportListenerError, () => {
    told = get();
    return all(...sources.map((one) => one.listen(tell)));
  });
  const tell = (): void => {
    const previous = told;
    told = run(sources.map((one) => one.get()));
    if (!Object.is(told, previous)) listeners.notify(told, previous);
  };
  const ref = createReadableRef({
    get,
    get init() {
      return runInit(sources.map((one) => one.init));
    },
    listen: listeners.add,
    report: reportListenerError,
  });
  return Object.assign(ref, { [lookNow]: lookAtSources });
}
