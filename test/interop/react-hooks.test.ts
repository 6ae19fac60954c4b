// The hooks of tabstate/react.
import {
  Component,
  createElement as h,
  Profiler,
  type ReactNode,
  StrictMode,
  Suspense,
  startTransition,
  useEffect,
  useState,
} from 'react';
import { createRoot, hydrateRoot, type Root } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cacheData, context, createSessionState, param, queryParams, sessionState } from '../../src/index.js';
import { useCached, useParams, useSessionState, useSuspenseCached, useValue } from '../../src/react/index.js';
import { reset } from '../../src/testing/index.js';

let root: Root | undefined;
let box: HTMLElement;
let commits: number;
let errors: ReturnType<typeof vi.spyOn>;
let warnings: ReturnType<typeof vi.spyOn>;
const settled = () => new Promise((resolve) => setTimeout(resolve, 30));
const shows = (text: string) => vi.waitFor(() => expect(box.textContent).toBe(text));

beforeEach(async () => {
  await reset();
  box = document.body.appendChild(document.createElement('div'));
  commits = 0;
  errors = vi.spyOn(console, 'error');
  warnings = vi.spyOn(console, 'warn');
});
afterEach(() => {
  root?.unmount();
  root = undefined;
  box.remove();
  vi.restoreAllMocks();
});

const strict = (node: ReactNode) =>
  h(StrictMode, null, h(Profiler, { id: 'view', onRender: () => void commits++ }, node));
async function mount(View: () => ReactNode) {
  const effects = vi.fn();
  const Mounted = () => {
    useEffect(effects); // after those of the view, which a busy browser runs long after the commit
    return h(View);
  };
  root = createRoot(box);
  root.render(strict(h(Mounted)));
  await vi.waitFor(() => expect(effects).toHaveBeenCalled());
  await settled();
  commits = 0;
}
const commitsOf = async (change: () => unknown) => {
  commits = 0;
  change();
  await settled();
  return commits;
};
const deferred = <T>() => {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
};
let names = 0;
/** A function that is answered by the test. */
function manual() {
  const runs: ReturnType<typeof deferred<string>>[] = [];
  const load = cacheData(
    (id: number) => {
      void id;
      const run = deferred<string>();
      runs.push(run);
      return run.promise;
    },
    { name: `manual ${++names}`, persist: false },
  );
  return { load, runs };
}
class Boundary extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {};
  static getDerivedStateFromError = (error: Error) => ({ error });
  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return h('button', { type: 'button', onClick: () => this.setState({ error: undefined as never }) }, error.message);
  }
}

describe('tabstate/react', () => {
  it('[SES-110] useValue renders once per change, and only when the selection changes', async () => {
    const cart = createSessionState({ prefix: 'hooks:' }).ref('cart', { items: ['tea'], note: '' });
    const View = () => `${useValue(cart, ({ items }) => items.length)}`;
    await mount(View);
    expect(box.textContent).toBe('1');
    expect(await commitsOf(() => cart.update((now) => ({ ...now, note: 'x' })))).toBe(0);
    expect(await commitsOf(() => void cart.value.items.push('milk'))).toBe(1);
    expect(box.textContent).toBe('2');
    expect(errors).not.toHaveBeenCalled();
  });

  it('[SES-110] useValue takes a selection that is a new object each time', async () => {
    const cart = createSessionState({ prefix: 'hooks:' }).ref('cart', ['tea']);
    await mount(() => {
      const { first } = useValue(cart, (items) => ({ first: items[0] }));
      return `${first}`;
    });
    expect(await commitsOf(() => cart.set(['milk']))).toBe(1);
    expect(box.textContent).toBe('milk');
    expect(errors).not.toHaveBeenCalled();
  });

  it('[SES-110] useSessionState is used like useState, with one setter', async () => {
    const setters = new Set<unknown>();
    let set!: (next: number | ((value: number) => number)) => void;
    await mount(() => {
      const [count, setCount] = useSessionState('count', 0);
      setters.add((set = setCount));
      return `${count}`;
    });
    expect(sessionState['count']).toBe(0);
    const before = setters.size;
    expect(await commitsOf(() => set(5))).toBe(1);
    expect(await commitsOf(() => set((count) => count + 1))).toBe(1);
    expect([box.textContent, sessionState['count'], setters.size]).toEqual(['6', 6, before]);
  });

  it('[SES-110] useParams follows a view, renders once for several parameters and not for others', async () => {
    const view = queryParams.define({ page: 1, tags: [] as string[] });
    await mount(() => {
      const { page, tags } = useParams(view);
      return `${page}:${tags.join()}`;
    });
    expect(box.textContent).toBe('1:');
    expect(await commitsOf(() => view.update({ page: 2, tags: ['a', 'b'] }))).toBe(1);
    expect(box.textContent).toBe('2:a,b');
    expect(await commitsOf(() => queryParams.set('other', 1))).toBe(0);
    expect(errors).not.toHaveBeenCalled();
  });

  it('[SES-110] no two components show different values, in a transition neither', async () => {
    const ref = createSessionState({ prefix: 'hooks:' }).ref('n', 0);
    const torn: string[] = [];
    const seen: number[] = [];
    const Part = ({ at }: { at: number }) => {
      const until = performance.now() + 2;
      while (performance.now() < until);
      const n = useValue(ref);
      if (at === 0) seen.length = 0;
      seen[at] = n;
      return `${n} `;
    };
    let go!: (on: boolean) => void;
    const View = () => {
      const [on, setOn] = useState(false);
      go = setOn;
      return on ? Array.from({ length: 20 }, (_, at) => h(Part, { key: at, at })) : 'off';
    };
    root = createRoot(box);
    root.render(h(View));
    await shows('off');
    const observer = new MutationObserver(() => {
      if (new Set(box.textContent!.trim().split(' ')).size > 1) torn.push(box.textContent!);
    });
    observer.observe(box, { childList: true, subtree: true, characterData: true });
    startTransition(() => go(true));
    // in the middle of the rendering that yields
    const timer = setInterval(() => ref.update((n) => n + 1), 5);
    await vi.waitFor(() => expect(box.textContent).not.toBe('off'));
    clearInterval(timer);
    ref.set(1000);
    await shows('1000 '.repeat(20));
    observer.disconnect();
    expect(torn).toEqual([]);
  });

  it('[SES-110] useCached shows a load, its value, its error', async () => {
    const { load, runs } = manual();
    await mount(() => {
      const { status, value, error } = useCached(load, 7);
      return `${status} ${value ?? (error as Error)?.message}`;
    });
    await shows('pending undefined');
    expect(runs.length).toBe(1);
    runs[0]!.resolve('seven');
    await shows('success seven');
    void load.clear(7);
    await vi.waitFor(() => expect(runs.length).toBe(2));
    runs[1]!.reject(new Error('lost'));
    await shows('error seven');
  });

  it('[SES-110] a hit is rendered once, with no sign of a load', async () => {
    const { load } = manual();
    await load.prime('one', 1);
    const seen: unknown[] = [];
    const View = () => {
      const { value, isFetching } = useCached(load, 1);
      seen.push(isFetching);
      return value ?? 'pending';
    };
    root = createRoot(box);
    root.render(h(Profiler, { id: 'view', onRender: () => void commits++ }, h(View)));
    await shows('one');
    await settled();
    expect([commits, seen]).toEqual([1, [false]]);
    expect(await commitsOf(() => load.prime('two', 1))).toBe(1);
    expect(box.textContent).toBe('two');
  });

  it('[SES-110] an unmount in the middle of a load is quiet, and the next mount joins the load', async () => {
    const { load, runs } = manual();
    const View = () => useCached(load, 1).value ?? 'pending';
    await mount(View);
    expect(box.textContent).toBe('pending');
    root!.unmount();
    await mount(View);
    runs[0]!.resolve('one');
    await shows('one');
    expect(runs.length).toBe(1);
    root!.unmount();
    await mount(View);
    await shows('one');
    expect(runs.length).toBe(1);
    expect(errors).not.toHaveBeenCalled();
  });

  it('[SES-110] useSuspenseCached shows the fallback on a miss only', async () => {
    const { load, runs } = manual();
    const fallbacks: string[] = [];
    const Waiting = () => {
      fallbacks.push(box.textContent!);
      return 'waiting';
    };
    let choose!: (id: number) => void;
    let again!: (n: number) => void;
    const User = ({ id }: { id: number }) => {
      again = useState(0)[1];
      return useSuspenseCached(load, id);
    };
    const View = () => {
      const [id, setId] = useState(1);
      choose = setId;
      return h(Suspense, { fallback: h(Waiting) }, h(User, { id }));
    };
    root = createRoot(box);
    root.render(strict(h(View)));
    await shows('waiting');
    runs[0]!.resolve('one');
    await shows('one');
    const first = fallbacks.length;
    // hits: other renders, another mount, a value that is fetched again
    again(1);
    await settled();
    root.unmount();
    root = createRoot(box);
    root.render(strict(h(View)));
    await shows('one');
    void load.refresh(1);
    await settled();
    runs[1]!.resolve('one again');
    await shows('one again');
    void load.clear(1);
    await settled();
    runs[2]!.resolve('one anew');
    await shows('one anew');
    expect(fallbacks.length).toBe(first);
    choose(2);
    await shows('waiting');
    runs[3]!.resolve('two');
    await shows('two');
    const second = fallbacks.length;
    // in a transition the old one stays
    startTransition(() => choose(3));
    await vi.waitFor(() => expect(runs.length).toBe(5));
    expect(box.textContent).toBe('two');
    runs[4]!.resolve('three');
    await shows('three');
    expect([fallbacks.length - second <= 2, runs.length]).toEqual([true, 5]);
    expect(errors).not.toHaveBeenCalled();
  });

  it('[SES-110] useSuspenseCached takes its value from memory without a fallback, and waits again after a clear', async () => {
    const { load, runs } = manual();
    await load.prime('primed', 1);
    const waiting = vi.fn(() => 'waiting');
    const User = () => useSuspenseCached(load, 1);
    const View = () => h(Suspense, { fallback: h(waiting) }, h(User));
    await mount(View);
    expect([box.textContent, waiting.mock.calls.length, runs.length]).toEqual(['primed', 0, 0]);
    root!.unmount();
    await load.clear();
    root = createRoot(box);
    root.render(h(View));
    await shows('waiting');
    runs[0]!.resolve('loaded');
    await shows('loaded');
  });

  it('[SES-110] an error of useSuspenseCached goes to the boundary, whose reset tries again', async () => {
    errors.mockImplementation(() => {});
    const { load, runs } = manual();
    const User = () => useSuspenseCached(load, 1);
    root = createRoot(box, { onCaughtError: () => {} } as never);
    root.render(strict(h(Boundary, null, h(Suspense, { fallback: 'waiting' }, h(User)))));
    await shows('waiting');
    for (const at of [0, 1]) {
      runs[at]!.reject(new Error(`lost ${at}`));
      await shows(`lost ${at}`);
      await settled();
      expect(runs.length).toBe(at + 1);
      box.querySelector('button')!.click();
      await shows('waiting');
    }
    runs[2]!.resolve('found');
    await shows('found');
    expect(runs.length).toBe(3);
  });

  it('[SES-110] a server renders the initial values, stores nothing and warns of nothing; hydration finds them', async () => {
    const { load, runs } = manual();
    const view = queryParams.define({ page: 1 });
    const flag = createSessionState({ prefix: 'hooks:' }).ref('flag', 'no');
    const View = () => {
      const [count] = useSessionState('count', 1);
      const { status, value } = useCached(load, 1);
      const length = useValue(flag, (text) => text.length);
      return h(
        'p',
        null,
        `${count} ${useParams(view).page} ${value ?? status} ${length} ${useValue(context.ref('theme')).type}`,
      );
    };
    const html = renderToString(h(View));
    expect(html).toBe('<p>1 1 pending 2 null</p>');
    expect([Object.keys(sessionState), runs.length]).toEqual([[], 0]);
    sessionState['count'] = 5;
    view.page = 3;
    flag.set('yes');
    await load.prime('primed', 1);
    box.innerHTML = html;
    const onRecoverableError = vi.fn();
    root = hydrateRoot(box, h(View), { onRecoverableError });
    await vi.waitFor(() => expect(box.textContent).toContain('5 3 primed 3'));
    expect([onRecoverableError.mock.calls, errors.mock.calls, warnings.mock.calls]).toEqual([[], [], []]);
  });

  it('[SES-110] a server may hand over what the request says', async () => {
    const view = queryParams.define({ page: 1, sort: param.oneOf(['up', 'down']).withDefault('up') });
    const View = () => {
      const { page, sort } = useParams(view, { page: 4, sort: 'down' });
      return h('p', null, `${page} ${sort}`);
    };
    const html = renderToString(h(View));
    expect(html).toBe('<p>4 down</p>');
    view.update({ page: 4, sort: 'down' });
    box.innerHTML = html;
    const onRecoverableError = vi.fn();
    root = hydrateRoot(box, h(View), { onRecoverableError });
    await settled();
    expect([box.textContent, onRecoverableError.mock.calls, errors.mock.calls]).toEqual(['4 down', [], []]);
  });

  it.each([
    ['useValue', () => useValue(5 as never), 'a ref'],
    ['useValue', () => useValue(undefined as never), 'a ref'],
    ['useValue', () => useValue(sessionState as never), 'a ref'],
    ['useParams', () => useParams(queryParams as never), 'a view'],
    ['useParams', () => useParams(null as never), 'a view'],
    ['useCached', () => useCached((async () => 1) as never), 'a function wrapped by cacheData'],
    ['useSuspenseCached', () => useSuspenseCached({} as never), 'a function wrapped by cacheData'],
  ])('[SES-110] %s says what it was given wrongly', (hook, use, what) => {
    const View = () => `${use()}`;
    expect(() => renderToString(h(View))).toThrow(TypeError);
    expect(() => renderToString(h(View))).toThrow(`${hook}: its first argument must be ${what}`);
  });
});
