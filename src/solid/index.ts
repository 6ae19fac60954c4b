// The entry `tabstate/solid`: refs, views and cached functions as accessors.
import { type Accessor, createComputed, createSignal, on, onCleanup, onMount, sharedConfig } from 'solid-js';
import { isServer } from 'solid-js/web';
import type { CachedState } from '../cache/ref.js';
import { type CachedLike, refOfCall, refOfView, requireRef, type ViewLike } from '../core/hook-inputs.js';
import type { ReadableRef } from '../core/ref.js';

export type { CachedState } from '../cache/ref.js';
export type { CachedLike, ViewLike } from '../core/hook-inputs.js';
export type { Unsubscribe } from '../core/listeners.js';
export type { ReadableRef } from '../core/ref.js';

type Source<T> = Pick<ReadableRef<T>, 'get'> & {
  readonly init?: T | undefined;
  listen(listener: (value: T) => void): () => void;
};

/**
 * Shows a source, which may be another one later. What a server rendered is rendered once more before the source is read:
 * hydration finds what it expects.
 */
function show<T>(ask: () => Source<T>): Accessor<T> {
  const isLate = isServer || sharedConfig.context;
  const [shown, setShown] = createSignal<T>((isLate ? ask().init : ask().get()) as T);
  const put = (value: T): void => void setShown(() => value);
  const begin = (): void =>
    createComputed(
      on(ask, (source) => {
        onCleanup(source.listen(put));
        put(source.get());
      }),
    );
  if (!isLate) begin();
  else if (!isServer) onMount(begin);
  return shown;
}

/**
 * The value of a ref; it is changed through the ref.
 *
 * @throws TypeError for what is no ref
 * @example
 * const count = useValue(sessionState.ref('count', 0));   // count()
 */
export function useValue<T>(ref: ReadableRef<T>): Accessor<T> {
  requireRef('useValue', ref);
  return show(() => ref);
}

/**
 * The values of a typed view; they are changed through the view itself.
 *
 * @param initial - what a server read from its request, `view.parse(request.url)`. Default: the view's defaults
 * @throws TypeError for what is no view of `queryParams.define`
 */
export function useParams<T extends object>(view: ViewLike<T>, initial?: T): Accessor<T> {
  const ref = refOfView('useParams', view);
  const source: Source<T> = initial === undefined ? ref : { ...ref, init: initial };
  return show(() => source);
}

/**
 * The state of a cached call, which the first component loads. On a server nothing runs: it shows `pending`.
 *
 * @param args - values, or accessors, whose changes call it again
 * @throws TypeError for what is no cached function; UnhashableParamError if an argument cannot be a key
 * @example
 * const user = useCached(getUser, () => props.id);   // user().status, user().value
 */
export function useCached<A extends unknown[], R>(
  fn: CachedLike<A, CachedState<R>>,
  ...args: { [K in keyof A]: A[K] | Accessor<A[K]> }
): Accessor<CachedState<R>> {
  const now = (): A => args.map((value) => (typeof value === 'function' ? value() : value)) as unknown as A;
  return show(() => refOfCall('useCached', fn, now()));
}
