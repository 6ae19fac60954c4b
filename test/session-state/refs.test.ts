// sessionState.ref.
import { describe, expect, it, vi } from 'vitest';
import { fresh, task, tick } from '../helpers/session.js';

type Todo = { title: string; done: boolean };

describe('sessionState.ref', () => {
  it('[SES-72] works unbound, and subscribe calls at once', () => {
    const { s } = fresh();
    const { get, set, subscribe, listen, update } = s.ref('n', 1);
    expect(get()).toBe(1);
    const heard = vi.fn();
    const listened = vi.fn();
    const end = subscribe(heard);
    listen(listened);
    set(2);
    update((n) => n + 1);
    expect(heard.mock.calls.map(([value]) => value)).toEqual([1, 2, 3]);
    expect(listened.mock.calls).toEqual([
      [2, 1],
      [3, 2],
    ]);
    end();
    end();
    s.n = 4;
    expect(heard).toHaveBeenCalledTimes(3);
    expect(get()).toBe(4);
    expect(s.ref('n')).toBe(s.ref('n', 9));
  });

  it('[SES-73] stores the initial value at the first use, and tells of it in the tick', async () => {
    const { s, text, put } = fresh();
    const heard = vi.fn();
    s.subscribe('n', heard);
    const r = s.ref('n', 5);
    expect('n' in s).toBe(false);
    expect(r.get()).toBe(5);
    expect([s.n, r.init, r.value]).toEqual([5, 5, 5]);
    expect(heard).not.toHaveBeenCalled();
    await tick();
    expect([heard.mock.calls, text('n')]).toEqual([[[5, undefined]], '{"json":5}']);
    const other = fresh();
    other.put('n', '{"json":7}');
    expect(other.s.ref('n', 5).get()).toBe(7);
    expect(other.s.ref('n').init).toBe(5);
    put('x', '1');
    expect(s.ref('none').get()).toBe(undefined);
    expect('none' in s).toBe(false);
  });

  it('[SES-73] the first given initial value counts, also when the ref was made without', () => {
    const { s } = fresh();
    const r = s.ref('n');
    expect([r.get(), r.init]).toEqual([undefined, undefined]);
    s.ref('n', 1);
    s.ref('n', 2);
    expect([r.get(), r.init]).toEqual([1, 1]);
    const unused = s.ref('m', 1);
    unused.set(8);
    expect(unused.get()).toBe(8);
  });

  it('[SES-74] takes a fresh copy of the initial value after a delete', async () => {
    const { s, text } = fresh();
    const r = s.ref('l', [] as number[]);
    r.value.push(1);
    await tick();
    expect(text('l')).toBe('{"json":[1]}');
    delete s.l;
    expect(r.get()).toEqual([]);
    r.value.push(2);
    s.clear();
    expect(r.value).toEqual([]);
    expect('l' in s).toBe(true);
  });

  it('[SES-74] a listener of a ref hears the fresh copy, not undefined', () => {
    const { s } = fresh();
    const r = s.ref('l', { n: 0 });
    const heard = vi.fn();
    r.subscribe((value) => heard(JSON.stringify(value)));
    r.value = { n: 1 };
    delete s.l;
    expect(heard.mock.calls.flat()).toEqual(['{"n":0}', '{"n":1}', '{"n":0}']);
  });

  it('[SES-75] shows a snapshot whose unchanged parts keep their identity', async () => {
    const { s } = fresh();
    s.todos = [
      { title: 'a', done: false },
      { title: 'b', done: false },
    ];
    const r = s.ref('todos') as unknown as { get(): Todo[]; value: Todo[] };
    const first = r.get();
    const [a, b] = first;
    expect(first).toBe(s.todos);
    (s.todos as Todo[])[1]!.done = true;
    await tick();
    const second = r.get();
    expect(second).not.toBe(first);
    expect(second).toEqual([
      { title: 'a', done: false },
      { title: 'b', done: true },
    ]);
    expect(r.get()).toBe(second);
    expect(second[0]).toBe(a);
    expect(second[1]).not.toBe(b);
    expect(r.value).toBe(s.todos);
    (s.todos as Todo[]).push({ title: 'c', done: false });
    await tick();
    const third = r.get();
    expect([third === second, third[0] === second[0], third[1] === second[1], third.length]).toEqual([
      false,
      true,
      true,
      3,
    ]);
    // another object begins anew
    const replaced: Todo[] = [];
    s.todos = replaced;
    expect(r.get()).toBe(replaced);
  });

  it('[SES-75] the same in Maps, Sets, instances, Dates and with shared parts', async () => {
    const { s } = fresh();
    const shared = { x: 1 };
    s.map = new Map<string, unknown>([
      ['a', { n: 1 }],
      ['b', { n: 2 }],
      ['when', new Date(1)],
      ['set', new Set([1])],
      ['bytes', new Uint8Array(2)],
    ]);
    s.graph = { one: shared, two: shared };
    const r = s.ref('map');
    const g = s.ref('graph');
    const first = r.get() as Map<string, unknown>;
    const [a, b, when] = ['a', 'b', 'when'].map((name) => first.get(name));
    g.get();
    ((s.map as Map<string, unknown>).get('a') as { n: number }).n = 5;
    (s.graph as { one: typeof shared }).one.x = 2;
    await tick();
    const second = r.get() as Map<string, unknown>;
    expect(second).not.toBe(first);
    expect(second).toEqual(s.map);
    expect([second.get('a') === a, second.get('b') === b, second.get('when') === when]).toEqual([false, true, true]);
    const graph = g.get() as { one: object; two: object };
    expect(graph).toEqual({ one: { x: 2 }, two: { x: 2 } });
    expect(graph).not.toBe(s.graph);
    (when as Date).setTime(2);
    (first.get('set') as Set<number>).add(2);
    (s.map as Map<string, unknown>).delete('b');
    await tick();
    const third = r.get() as Map<string, unknown>;
    expect(third).toEqual(s.map);
    expect([third.get('a') === second.get('a'), third.get('when') === when]).toEqual([true, false]);
  });

  it('[SES-79] a store that is changed in place and assigned to itself', async () => {
    const { s, text } = fresh();
    const store = s.ref('list', [] as number[]);
    // what Svelte's $list stands for
    let $list: number[] = [];
    store.subscribe((value) => {
      $list = value;
    });
    const heard = vi.fn();
    s.subscribe('list', heard);
    await tick();
    for (const n of [1, 2, 3]) {
      $list.push(n);
      store.set($list);
      await tick();
      expect(text('list')).toBe(JSON.stringify({ json: Array.from({ length: n }, (_, i) => i + 1) }));
    }
    expect(s.list).toEqual([1, 2, 3]);
    expect(heard.mock.calls.length).toBeGreaterThanOrEqual(3);
  });

  it('[SES-80] update without a result counts as a change in place', async () => {
    const { s, text } = fresh();
    const heard = vi.fn();
    const r = s.ref('l', [1]);
    r.get();
    await tick();
    r.listen(heard);
    r.update((list) => {
      list.push(2);
      return undefined as never;
    });
    expect(heard.mock.calls).toEqual([[[1, 2], [1]]]);
    await tick();
    expect([r.value, text('l')]).toEqual([[1, 2], '{"json":[1,2]}']);
    r.update((list) => [...list, 3]);
    expect(r.value).toEqual([1, 2, 3]);
    const n = s.ref('n', 1);
    n.update(() => undefined as never);
    expect([n.value, 'n' in s]).toEqual([undefined, true]);
  });

  it('an initial value that no text keeps is used as it is', () => {
    const { s } = fresh();
    const fn = (): number => 1;
    const r = s.ref('f', { fn });
    expect(r.value.fn).toBe(fn);
    delete s.f;
    expect(r.value.fn).toBe(fn);
  });

  it('[SES-113] every listener gets each step with its own previous value, also when one of them writes', () => {
    const { s } = fresh();
    const r = s.ref('n', 0);
    const calls: Record<string, unknown[]> = { key: [], all: [], listen: [], subscribe: [] };
    s.subscribe('n', (value) => value === 1 && r.set(2));
    s.subscribe('n', (...told) => calls.key!.push(told));
    s.subscribe((changes) => calls.all!.push(changes.map(({ value, previous }) => [value, previous])[0]));
    r.listen((...told) => calls.listen!.push(told));
    r.subscribe((value) => calls.subscribe!.push(value));
    s.n = 1;
    const steps = [
      [1, 0],
      [2, 1],
    ];
    expect(calls).toEqual({ key: steps, all: steps, listen: steps, subscribe: [0, 1, 2] });
  });

  it('[SES-113] the same where set() is the first use of the ref', () => {
    const { s } = fresh();
    const c = s.ref('n', 0);
    const heard = vi.fn();
    c.listen((value) => value === 1 && c.set(2));
    c.listen(heard);
    c.set(1);
    expect(heard.mock.calls).toEqual([
      [1, 0],
      [2, 1],
    ]);
  });

  it('[SES-113] the same with a delete, with objects, with changes in place and in a batch', async () => {
    const { s } = fresh();
    const r = s.ref('k');
    const calls: unknown[] = [];
    s.k = { n: 0 };
    r.get();
    await tick();
    r.listen((value) => {
      if (value === undefined) s.k = { n: 5 };
    });
    r.listen((value, previous) => calls.push(JSON.stringify([value, previous])));
    delete s.k;
    expect(calls).toEqual(['[null,{"n":0}]', '[{"n":5},null]']);
    calls.length = 0;
    const change = (n: number): void => {
      (s.k as { n: number }).n = n;
      // biome-ignore lint/correctness/noSelfAssign: an explicit look
      s.k = s.k;
    };
    r.get();
    await tick();
    const end = s.subscribe('k', (value) => {
      if ((value as { n: number }).n === 6) change(7);
    });
    const late: unknown[] = [];
    r.listen((value, previous) => late.push([value, previous]));
    change(6);
    end();
    expect(late).toEqual([
      [{ n: 6 }, { n: 5 }],
      [{ n: 7 }, { n: 6 }],
    ]);
    s.batch(() => {
      s.k = 1;
      s.k = 2;
    });
    expect(late.at(-1)).toEqual([2, { n: 7 }]);
  });

  it('[SES-113] a ref with listeners and without a reader gives them snapshots, too', async () => {
    const { s } = fresh();
    const list = [1];
    s.list = list;
    await tick();
    const told: unknown[] = [];
    s.ref('list').listen((value) => told.push(value));
    for (const n of [2, 3]) {
      (s.list as number[]).push(n);
      await tick();
    }
    expect(told).toEqual([
      [1, 2],
      [1, 2, 3],
    ]);
  });

  it('[SES-114] the first use and a change in place in one task are told once', async () => {
    for (const isSubscribed of [true, false]) {
      const { s, text } = fresh();
      const c = s.ref('o', [1]);
      const calls: unknown[] = [];
      const all = vi.fn();
      s.subscribe(all);
      if (isSubscribed) c.subscribe(() => {});
      c.listen((value, previous) => calls.push([[...value], previous && [...previous]]));
      c.update((list) => {
        list.push(2);
        return undefined as never;
      });
      await tick();
      await tick();
      expect(calls).toEqual([[[1, 2], [1]]]);
      expect([text('o'), all.mock.calls.length]).toEqual(['{"json":[1,2]}', 1]);
      expect(s.version('o')).toBe(2);
    }
  });

  it('[SES-114] so are the first use and an assignment of the same object, and a push through value', async () => {
    const { s } = fresh();
    const [a, b] = [s.ref('a', [1]), s.ref('b', [1])];
    const calls: unknown[] = [];
    a.subscribe(() => {});
    const ends = [
      s.subscribe('a', (value, previous) => calls.push(['a', [...(value as number[])], previous])),
      b.listen((value, previous) => calls.push(['b', [...value], previous])),
    ];
    (s.a as number[]).push(2);
    // biome-ignore lint/correctness/noSelfAssign: what the case is about
    s.a = s.a;
    b.value.push(2);
    await tick();
    await tick();
    expect(calls).toEqual([
      ['a', [1, 2], [1]],
      ['b', [1, 2], [1]],
    ]);
    // they would hear of the wiped storage, and fail
    for (const end of ends) end();
  });

  it('what get() hands out is looked at in the tick, without another read', async () => {
    const { s, text } = fresh();
    s.list = [1];
    await task();
    (s.ref('list').get() as number[]).push(2);
    await tick();
    expect(text('list')).toBe('{"json":[1,2]}');
  });

  it('get() gives another object after a change in place of a Date, of a circle and of what no text keeps any more', async () => {
    const { s } = fresh();
    const when = new Date(1);
    const circle: { n: number; self?: object } = { n: 1 };
    circle.self = circle;
    const loose: { n: number; f?: () => void } = { n: 1 };
    s.update({ when, circle, loose });
    const refs = ['when', 'circle', 'loose'].map((key) => s.ref(key));
    for (const ref of refs) ref.get();
    await tick();
    when.setTime(2);
    circle.n = 2;
    loose.f = () => {};
    s.flush();
    const [shownWhen, shownCircle, shownLoose] = refs.map((ref) => ref.get()) as [Date, typeof circle, object];
    expect([shownWhen, shownWhen === when]).toEqual([new Date(2), false]);
    expect([shownCircle.n, shownCircle.self === shownCircle, shownCircle === circle]).toEqual([2, true, false]);
    expect(shownLoose).toBe(loose);
  });
});
