// The hooks of tabstate/solid.
import { createEffect, createRoot, createSignal } from 'solid-js';
import { hydrate } from 'solid-js/web';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { cacheData, createSessionState, queryParams, sessionState } from '../../src/index.js';
import { useCached, useParams, useValue } from '../../src/solid/index.js';
import { reset } from '../../src/testing/index.js';

beforeEach(reset);

/** What an effect sees of what `make` returns. */
function watch<T>(make: () => () => T): { seen: T[]; end: () => void } {
  const seen: T[] = [];
  const end = createRoot((dispose) => {
    const value = make();
    createEffect(() => void seen.push(value()));
    return dispose;
  });
  return { seen, end };
}
const lastOf = <T>(seen: T[]) => seen[seen.length - 1];
const settled = () => new Promise((resolve) => setTimeout(resolve, 30));

describe('tabstate/solid', () => {
  it('[SES-111] useValue follows sets and changes in place, until its owner is disposed of', async () => {
    const list = createSessionState({ prefix: 'solid:' }).ref('list', ['a']);
    const { seen, end } = watch(() => {
      const items = useValue(list);
      return () => items().join();
    });
    expect(seen).toEqual(['a']);
    list.set(['b']);
    list.value.push('c');
    await vi.waitFor(() => expect(lastOf(seen)).toBe('b,c'));
    end();
    list.set(['d']);
    await settled();
    expect(lastOf(seen)).toBe('b,c');
  });

  it('[SES-111] useParams follows a view', () => {
    const view = queryParams.define({ page: 1, q: '' });
    const { seen, end } = watch(() => {
      const params = useParams(view);
      return () => `${params().page}${params().q}`;
    });
    view.update({ page: 2, q: 'x' });
    expect(seen).toEqual(['1', '2x']);
    end();
  });

  it('[SES-111] useCached loads, and loads again for other arguments', async () => {
    const runs: number[] = [];
    const load = cacheData(
      async (id: number) => {
        runs.push(id);
        return `user ${id}`;
      },
      { name: 'solid user', persist: false },
    );
    const [id, setId] = createSignal(1);
    const { seen, end } = watch(() => {
      const user = useCached(load, id);
      return () => user().value ?? user().status;
    });
    await vi.waitFor(() => expect(lastOf(seen)).toBe('user 1'));
    setId(2);
    await vi.waitFor(() => expect(lastOf(seen)).toBe('user 2'));
    setId(1);
    await vi.waitFor(() => expect(lastOf(seen)).toBe('user 1'));
    expect(runs).toEqual([1, 2]);
    end();
  });

  it('[SES-111] hydration finds the initial value, then the stored one', async () => {
    const box = document.body.appendChild(document.createElement('div'));
    box.textContent = '1';
    // what the script of a server's page makes
    Object.assign(globalThis, { _$HY: { events: [], completed: new WeakSet(), r: {}, fe() {} } });
    sessionState['n'] = 5;
    const seen: number[] = [];
    const end = hydrate(() => {
      const n = useValue(sessionState.ref('n', 1));
      seen.push(n());
      createEffect(() => void seen.push(n()));
      return box.firstChild;
    }, box);
    await vi.waitFor(() => expect(lastOf(seen)).toBe(5));
    expect(seen[0]).toBe(1);
    end();
    box.remove();
  });

  it.each([
    ['useValue', () => useValue((() => 1) as never), 'a ref'],
    ['useParams', () => useParams(sessionState as never), 'a view'],
    ['useCached', () => useCached((async () => 1) as never), 'a function wrapped by cacheData'],
  ])('[SES-111] %s says what it was given wrongly', (hook, use, what) => {
    expect(use).toThrow(TypeError);
    expect(use).toThrow(`${hook}: its first argument must be ${what}`);
  });
});
