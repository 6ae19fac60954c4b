// clear of an entry, a function, a tag and everything.
import { describe, expect, it } from 'vitest';
import { counted, deferred, kinds, microtasks, testCache } from '../helpers/caches.js';

describe.each(kinds)('clear (%s)', (kind) => {
  it('[CAC-119] of one entry', async () => {
    const { wrap } = testCache();
    let x = 0;
    const foo = wrap(kind, (y: number) => (x += y));
    const seen = [await foo(1)];
    await foo['clear'](2);
    seen.push(await foo(1));
    await foo['clear'](1);
    seen.push(await foo(1));
    expect(seen).toEqual([1, 1, 2]);
    class Box {
      x = 0;
      declare foo: (y: number) => unknown;
    }
    Box.prototype.foo = wrap(
      kind,
      function (this: Box, y: number) {
        return (this.x += y);
      },
      { method: true },
    ) as never;
    const box = new Box();
    const handle = Box.prototype.foo as unknown as { clear(y: number): unknown };
    const method = [await box.foo(1)];
    await handle.clear(2);
    method.push(await box.foo(1));
    await handle.clear(1);
    method.push(await box.foo(1));
    expect(method).toEqual([1, 1, 2]);
  });

  it('[CAC-120] of one function, of a kind', async () => {
    const cache = testCache();
    const [f, g] = [counted((x: number) => x), counted((x: number) => x)];
    const [cf, cg] = [cache.wrap(kind, f), cache.wrap(kind, g)];
    const other = counted((x: number) => x);
    const otherKind = cache.wrap(kind === 'data' ? 'resource' : 'data', other);
    const callAll = async () => {
      for (const x of [1, 2, 3]) {
        await cf(x);
        await cg(x);
        await otherKind(x);
      }
    };
    await callAll();
    await cf['clear']();
    await callAll();
    expect([f.runs.length, g.runs.length]).toEqual([6, 3]);
    await (kind === 'data' ? cache.cacheData : cache.cacheResource).clear();
    await callAll();
    expect([f.runs.length, g.runs.length, other.runs.length]).toEqual([9, 6, 3]);
  });

  it('[CAC-121] means the arguments as given', async () => {
    const { wrap } = testCache();
    const fn = counted((a: number, b = 2) => a + b);
    const f = wrap(kind, fn);
    await f(1);
    await f(1, 2);
    await f['clear'](1);
    await f['clear'](99);
    expect([await f['has'](1), await f['has'](1, 2)]).toEqual([false, true]);
    await wrap(kind, () => 1)['clear']();
    const none = wrap(kind, () => 1);
    await none();
    await none['clear'](undefined);
    expect(await none['has']()).toBe(false);
  });

  it('[CAC-123] by tag, also where the function returns one list again and again', async () => {
    const { wrap, cacheData, cacheResource } = testCache();
    const list: string[] = [];
    const fn = counted((id: number) => id);
    const tags = (id: number) => {
      list[0] = `u${id}`;
      return list;
    };
    const f = wrap(kind, fn, { tags });
    await f(1);
    await f(2);
    await (kind === 'data' ? cacheData : cacheResource).clear({ tag: 'u2' });
    await f(1);
    await f(2);
    expect(fn.runs).toEqual([[1], [2], [2]]);
  });

  it('[CAC-123] by tag, also what a flight will bring', async () => {
    const cache = testCache();
    const kindOf = kind === 'data' ? cache.cacheData : cache.cacheResource;
    const users = cache.wrap(kind, async (id: number) => id, { tags: (id: number) => [`u${id}`, 'users'] });
    const lists = cache.wrap(kind, async () => 'list', { tags: ['users'] });
    const others = cache.wrap(kind, async () => 'other');
    await Promise.all([users(1), users(2), lists(), others()]);
    await kindOf.clear({ tag: 'u1' });
    expect([await users['has'](1), await users['has'](2), await lists['has']()]).toEqual([false, true, true]);
    await kindOf.clear({ tag: 'users' });
    expect([await users['has'](2), await lists['has'](), await others['has']()]).toEqual([false, false, true]);
    const gate = deferred();
    const slow = cache.wrap(kind, async (id: number) => [id, await gate.promise][1], {
      tags: (id: number) => [`u${id}`],
    });
    const calls = [slow(1), slow(2)];
    await kindOf.clear({ tag: 'u1' });
    gate.resolve('late');
    expect(await Promise.all(calls)).toEqual(['late', 'late']);
    await microtasks();
    expect([await slow['has'](1), await slow['has'](2)]).toEqual([false, true]);
    await expect(async () => kindOf.clear('users' as never)).rejects.toThrow(TypeError);
  });

  it('[CAC-224] of several entries takes all of them before anybody hears of the first', async () => {
    const { wrap, cacheData, cacheResource } = testCache();
    const clears = [
      () => (kind === 'data' ? cacheData : cacheResource).clear(),
      () => (kind === 'data' ? cacheData : cacheResource).clear({ tag: 't' }),
      () => rates['clear'](),
    ];
    let rate = 1;
    const prices = wrap(kind, (x: number) => rates(x), { tags: ['t'] });
    const rates = wrap(kind, (x: number) => x * rate, { tags: ['t'] });
    for (const f of [prices, rates])
      f['subscribe'](({ type }: { type: string }) => {
        if (type === 'clear') for (const x of [2, 1]) void prices(x);
      });
    for (const clear of clears) {
      for (const x of [1, 2]) await prices(x);
      rate++;
      void clear();
      // of the function that is cleared alone, the other one still has what it had
      if (clear === clears[2]) prices['clear']();
      for (const x of [1, 2]) expect(await prices(x)).toBe(x * rate);
    }
  });
});

it('[CAC-225] a resource that a clear has not released yet is not handed out by onRelease', async () => {
  const { cacheResource } = testCache();
  const taken: { isOpen: boolean }[] = [];
  const options = {
    tags: ['t'],
    onRelease: (it: { isOpen: boolean }) => {
      it.isOpen = false;
      if (taken.length < 4) taken.push(one(1), one(2), other(1));
    },
  };
  const one = cacheResource((_x: number) => ({ isOpen: true }), options);
  const other = cacheResource((_x: number) => ({ isOpen: true }), options);
  for (const clear of [() => cacheResource.clear(), () => cacheResource.clear({ tag: 't' }), () => one.clear()]) {
    taken.length = 0;
    for (const x of [1, 2]) [one(x), other(x)];
    clear();
    expect(taken.length).toBeGreaterThan(0);
    expect(taken.every(({ isOpen }) => isOpen)).toBe(true);
  }
});

it('[CAC-225] what a resource’s onRelease clears is not kept, though it is put just then', async () => {
  const { cacheResource } = testCache();
  let isClearing = false;
  const clears = [
    () => f.clear(),
    () => f.clear(2),
    () => cacheResource.clear(),
    () => cacheResource.clear({ tag: 't' }),
  ];
  let clear = (): void => {};
  const f = cacheResource((x: number) => ({ x }), {
    maxEntries: 1,
    tags: ['t'],
    onRelease: () => isClearing && clear(),
  });
  for (clear of clears)
    for (const put of [() => f(2), () => f.refresh(2), () => f.prime({ x: 2 }, 2)]) {
      f(1);
      isClearing = true;
      put();
      isClearing = false;
      expect(f.has(2)).toBe(false);
    }
});
