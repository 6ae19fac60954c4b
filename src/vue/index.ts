// The entry `tabstate/vue`: refs, views and cached functions as refs of Vue.
import {
  customRef,
  getCurrentInstance,
  hasInjectionContext,
  inject,
  type MaybeRefOrGetter,
  onMounted,
  ssrContextKey,
  toValue,
  type Ref as VueRef,
  watch,
} from 'vue';
import type { CachedState } from '../cache/ref.js';
import { type CachedLike, refOfCall, refOfView, requireRef, type ViewLike } from '../core/hook-inputs.js';
import type { ReadableRef, Ref } from '../core/ref.js';

export type { CachedState } from '../cache/ref.js';
export type { CachedLike, ViewLike } from '../core/hook-inputs.js';
export type { Unsubscribe } from '../core/listeners.js';
export type { ReadableRef, Ref } from '../core/ref.js';

type Source<T> = Pick<ReadableRef<T>, 'get'> & {
  readonly init?: T | undefined;
  listen(listener: (value: T) => void): () => void;
  set?(value: T): void;
};

/** Whether this setup makes what a server sends. A test may do that on a page. */
const isServer = (): boolean =>
  typeof document === 'undefined' || (hasInjectionContext() && inject(ssrContextKey, undefined) !== undefined);

/**
 * Shows a source, which may be another one later. What a server rendered is rendered once more before the source is read:
 * hydration finds what it expects.
 */
function show<T>(ask: () => Source<T>): VueRef<T> {
  let source = ask();
  let shown: T;
  let trigger: () => void;
  const tell = (value: T): void => {
    if (Object.is(value, shown)) return;
    shown = value;
    trigger();
  };
  const begin = (): void => {
    watch(
      ask,
      (now: Source<T> | undefined, _before, onCleanup) => {
        // arguments that cannot be a key: their error has gone to the application, and what was shown stays
        if (!now) return;
        source = now;
        onCleanup(now.listen(tell));
        tell(now.get());
      },
      { immediate: true, flush: 'sync' },
    );
  };
  const shows = customRef<T>((track, triggerRef) => {
    trigger = triggerRef;
    return {
      get() {
        track();
        return shown;
      },
      set: (value) => source.set?.(value),
    };
  });
  const isLate = isServer();
  // the element of the server stands there before the component is mounted
  if (isLate || getCurrentInstance()?.vnode.el) {
    shown = source.init as T;
    if (!isLate) onMounted(begin);
  } else begin();
  return shows;
}

/**
 * A ref of tabstate as one of Vue, writable where it is: `v-model` works.
 *
 * @throws TypeError for what is no ref
 * @example
 * const name = useValue(sessionState.ref('name', ''));   // <input v-model="name">
 */
export function useValue<T>(ref: Ref<T>): VueRef<T>;
export function useValue<T>(ref: ReadableRef<T>): Readonly<VueRef<T>>;
export function useValue<T>(ref: ReadableRef<T>): Readonly<VueRef<T>> {
  requireRef('useValue', ref);
  return show(() => ref);
}

/**
 * The values of a typed view; they are changed through the view itself.
 *
 * @param initial - what a server read from its request, `view.parse(request.url)`. Default: the view's defaults
 * @throws TypeError for what is no view of `queryParams.define`
 */
export function useParams<T extends object>(view: ViewLike<T>, initial?: T): Readonly<VueRef<T>> {
  const ref = refOfView('useParams', view);
  const source: Source<T> = initial === undefined ? ref : { ...ref, init: initial };
  return show(() => source);
}

/**
 * The state of a cached call, which the first component loads. On a server nothing runs: it shows `pending`.
 *
 * @param args - values, or refs and getters, whose changes call it again
 * @throws TypeError for what is no cached function; UnhashableParamError if an argument cannot be a key
 * @example
 * const user = useCached(getUser, () => props.id);   // user.value.status, user.value.value
 */
export function useCached<A extends unknown[], R>(
  fn: CachedLike<A, CachedState<R>>,
  ...args: { [K in keyof A]: MaybeRefOrGetter<A[K]> }
): Readonly<VueRef<CachedState<R>>> {
  return show(() => refOfCall('useCached', fn, args.map(toValue) as unknown as A));
}
