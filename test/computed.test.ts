// computed over refs.
import { atom, map } from 'nanostores';
import { describe, expect, it, vi } from 'vitest';
import { cacheData, computed, context, createQueryParams, param } from '../src/index.js';
import { fresh, tick } from './helpers/session.js';

describe('computed', () => {
  it('[SES-108] is lazy, and right on get() without listeners', async () => {
    const { s } = fresh();
    const n = s.ref('n', 1);
    const double = vi.fn((value: number) => value * 2);
    const c = computed(n, double);
    expect(double).not.toHaveBeenCalled();
    expect([c.get(), c.value, c.get()]).toEqual([2, 2, 2]);
    expect(double).toHaveBeenCalledTimes(1);
    s.n = 5;
    expect(double).toHaveBeenCalledTimes(1);
    expect(c.get()).toBe(10);
    s.batch(() => {
      s.n = 6;
      expect(c.get()).toBe(12);
    });
    delete s.n;
    expect(c.get()).toBe(2);
  });

  it('[SES-108] sees changes in place at once, told or not', async () => {
    const { s } = fresh();
    const list = s.ref('list', [1]);
    const size = computed(list, (items) => items.length);
    const copy = computed(list, (items) => [...items]);
    expect([size.get(), copy.get()]).toEqual([1, [1]]);
    list.value.push(2);
    expect([size.get(), copy.get()]).toEqual([2, [1, 2]]);
    expect(copy.get()).toBe(copy.get());
    (s.list as number[]).push(3);
    await tick();
    expect([size.get(), copy.get()]).toEqual([3, [1, 2, 3]]);
    const [heard, told] = [vi.fn(), vi.fn()];
    size.listen(heard);
    s.subscribe('list', (value, previous) => told([...(value as number[])], previous));
    (s.list as number[]).push(4);
    expect([size.get(), heard.mock.calls, told.mock.calls]).toEqual([4, [], []]);
    (s.list as number[]).push(5);
    await tick();
    expect([heard.mock.calls, told.mock.calls]).toEqual([
      [[5, 3]],
      [
        [
          [1, 2, 3, 4, 5],
          [1, 2, 3],
        ],
      ],
    ]);
    list.update((items) => {
      items.push(6);
      return undefined as never;
    });
    expect(heard.mock.calls.at(-1)).toEqual([6, 5]);
  });

  it('[SES-108] sees changes in place at once also through refs of another copy of the library', async () => {
    vi.resetModules();
    const other = await import('../src/index.js');
    const { s } = fresh();
    const list = s.ref('list', [1]);
    const size = other.computed(list, (items) => items.length);
    expect(size.get()).toBe(1);
    list.value.push(2);
    expect(size.get()).toBe(2);
  });

  it('[SES-108] runs once per batch and does not tell equal results', () => {
    const { s } = fresh();
    const [a, b] = [s.ref('a', 1), s.ref('b', 2)];
    const sum = vi.fn((x: number, y: number) => x + y);
    const c = computed([a, b], sum);
    const heard = vi.fn();
    const end = c.listen(heard);
    sum.mockClear();
    s.batch(() => {
      s.a = 5;
      s.b = 6;
      s.a = 7;
    });
    expect([sum.mock.calls, heard.mock.calls]).toEqual([[[7, 6]], [[13, 3]]]);
    s.update({ a: 6, b: 7 });
    expect([sum.mock.calls.length, heard.mock.calls.length]).toEqual([2, 1]);
    end();
    end();
    s.a = 100;
    expect([sum.mock.calls.length, heard.mock.calls.length]).toEqual([2, 1]);
    expect(c.get()).toBe(107);
  });

  it('[SES-108] chains and diamonds show no value in between', () => {
    const { s } = fresh();
    const n = s.ref('n', 1);
    const double = computed(n, (value) => value * 2);
    const square = computed(n, (value) => value * value);
    const texts = vi.fn((a: number, b: number, c: number) => `${a} ${b} ${c}`);
    const all = computed([n, double, square], texts);
    const length = computed(all, (text) => text.length);
    const seen: unknown[] = [];
    length.listen((now, before) => seen.push([now, before]));
    all.subscribe((value) => seen.push(value));
    texts.mockClear();
    s.n = 3;
    s.n = 4;
    s.n = 4;
    expect(seen).toEqual(['1 2 1', '3 6 9', [6, 5], '4 8 16']);
    expect(texts.mock.calls).toEqual([
      [3, 6, 9],
      [4, 8, 16],
    ]);
  });

  it('[SES-108] releases its sources with the last listener', () => {
    const ends = vi.fn();
    let listener: (() => void) | undefined;
    let value = 1;
    const source = {
      get: () => value,
      listen: vi.fn((hear: () => void) => {
        listener = hear;
        return ends;
      }),
    };
    const fn = vi.fn((n: number) => n + 1);
    const c = computed(computed(source, fn), (n) => -n);
    c.get();
    expect(source.listen).not.toHaveBeenCalled();
    const heard = vi.fn();
    const [one, two] = [c.listen(heard), c.subscribe(() => {})];
    expect(source.listen).toHaveBeenCalledTimes(1);
    value = 2;
    listener?.();
    expect(heard.mock.calls).toEqual([[-3, -2]]);
    one();
    expect(ends).not.toHaveBeenCalled();
    two();
    expect(ends).toHaveBeenCalledTimes(1);
    value = 3;
    expect(c.get()).toBe(-4);
    c.listen(heard)();
    expect(ends).toHaveBeenCalledTimes(2);
  });

  it('[SES-108] takes refs of queryParams, context, cached functions and stores of nanostores', async () => {
    const query = createQueryParams({ navigate: () => {} });
    const page = query.ref('page', param.integer.withDefault(1));
    const load = cacheData(async (id: number) => `user ${id}`, { persist: false });
    const user = load.ref(7);
    const [$count, $map] = [atom(1), map({ a: 1 })];
    const c = computed(
      [page, context.ref('theme'), user, $count, $map],
      (p, theme, { value }, count, { a }) => `${p} ${typeof theme.type} ${value ?? '-'} ${count} ${a}`,
    );
    const seen: string[] = [];
    const end = c.subscribe((text) => seen.push(text.replace(/string|object/, 'theme')));
    $count.set(2);
    $map.setKey('a', 3);
    await vi.waitFor(() => expect(seen.at(-1)).toContain('user 7'));
    page.set(4);
    await tick();
    end();
    $count.set(9);
    expect([seen[0], seen[1], seen[2], seen.at(-1)]).toEqual([
      '1 theme - 1 1',
      '1 theme - 2 1',
      '1 theme - 2 3',
      '4 theme user 7 2 3',
    ]);
    page.set(1);
    query.flush();
  });

  it('hands errors to whoever asks, keeps the last result for listeners and goes on', () => {
    const reported = vi.fn();
    vi.stubGlobal('reportError', reported);
    const { s } = fresh();
    const c = computed(s.ref('n', 1), (n) => {
      if (n === 2) throw new Error('two');
      return n;
    });
    const heard = vi.fn();
    c.listen(heard);
    s.n = 2;
    expect(() => c.get()).toThrow('two');
    s.n = 3;
    expect([heard.mock.calls, reported.mock.calls.length]).toEqual([[[3, 1]], 1]);
    s.n = 2;
    const failing = computed(s.ref('n', 1), () => {
      throw new Error('always');
    });
    expect(() => failing.listen(() => {})).toThrow('always');
    vi.unstubAllGlobals();
  });

  it('gives what a server renders', () => {
    const { s } = fresh();
    const c = computed([s.ref('n', 1), s.ref('m', 2)], (n, m) => ({ sum: n + m }));
    expect(c.init).toEqual({ sum: 3 });
    s.n = 5;
    expect(c.init).toBe(c.init);
    expect(c.init).toEqual({ sum: 3 });
    expect(c.get()).toEqual({ sum: 7 });
  });
});
