// sessionState.subscribe and batch.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Change } from '../../src/index.js';
import { FakeStorage, fresh, task, tick } from '../helpers/session.js';

describe('sessionState.subscribe', () => {
  const reported: unknown[] = [];
  const original = globalThis.reportError;
  beforeEach(() => {
    reported.length = 0;
    globalThis.reportError = (error) => void reported.push(error);
  });
  afterEach(() => {
    globalThis.reportError = original;
  });

  it('[SES-64] tells of one key before the assignment returns, until it ends', () => {
    const { s } = fresh();
    s.k = 0;
    const heard = vi.fn();
    const off = s.subscribe('k', heard);
    s.k = 1;
    s.k = 2;
    s.other = 1;
    expect(heard.mock.calls).toEqual([
      [1, 0],
      [2, 1],
    ]);
    off();
    off();
    s.k = 3;
    expect(heard).toHaveBeenCalledTimes(2);
    const once = vi.fn(() => {
      end();
      end();
    });
    const end = s.subscribe('k', once);
    s.k = 4;
    s.k = 5;
    expect(once).toHaveBeenCalledTimes(1);
  });

  it('[SES-65] tells per key in order of change, then everything at once', () => {
    const { s } = fresh();
    const order: unknown[] = [];
    s.subscribe((changes: Change[]) => order.push(changes.map(({ key, value }) => [key, value])));
    s.subscribe('b', (value) => order.push(`b ${value}`));
    s.subscribe('a', (value) => order.push(`a ${value}`));
    s.subscribe('a', (value) => order.push(`a again ${value}`));
    s.update({ a: 1, b: 2 });
    expect(order).toEqual([
      'a 1',
      'a again 1',
      'b 2',
      [
        ['a', 1],
        ['b', 2],
      ],
    ]);
  });

  it('[SES-66] batch tells once, at the outermost end, what differs then', async () => {
    const area = new FakeStorage();
    const { s } = fresh({ area });
    s.a = 1;
    await tick();
    const heard = vi.fn();
    s.subscribe('a', (value, previous) => heard('a', value, previous));
    s.subscribe('b', (value, previous) => heard('b', value, previous));
    const result = s.batch(() => {
      s.a = 2;
      s.batch(() => {
        s.a = 3;
      });
      expect(heard).not.toHaveBeenCalled();
      s.b = 3;
      return 9;
    });
    expect(result).toBe(9);
    expect(heard.mock.calls).toEqual([
      ['a', 3, 1],
      ['b', 3, undefined],
    ]);
    await tick();
    heard.mockClear();
    area.calls.length = 0;
    s.batch(() => {
      s.a = 4;
      s.a = 3;
      s.c = 1;
      delete s.c;
    });
    await tick();
    expect([heard.mock.calls, area.calls]).toEqual([[], []]);
    const promise = s.batch(async () => {
      s.a = 5;
      await task();
    });
    expect(heard.mock.calls).toEqual([['a', 5, 3]]);
    await promise;
  });

  it('[SES-67] errors of a batch and of listeners', async () => {
    const { s, text } = fresh();
    const heard = vi.fn();
    s.subscribe('a', heard);
    expect(() =>
      s.batch(() => {
        s.a = 1;
        throw new Error('in the batch');
      }),
    ).toThrow('in the batch');
    expect(heard.mock.calls).toEqual([[1, undefined]]);
    const error = new Error('in a listener');
    s.subscribe('b', () => {
      throw error;
    });
    const second = vi.fn();
    s.subscribe('b', second);
    s.b = 1;
    expect([reported, second.mock.calls]).toEqual([[error], [[1, undefined]]]);
    await tick();
    expect(text('b')).toBe('{"json":1}');
  });

  it('[SES-68] what a listener sets is told after its round, before the assignment returns', () => {
    const { s } = fresh();
    const order: string[] = [];
    s.subscribe('a', () => {
      order.push('a1 begins');
      s.b = 1;
      order.push('a1 ends');
    });
    s.subscribe('a', () => order.push('a2'));
    s.subscribe('b', () => order.push('b'));
    s.subscribe((changes) => order.push(changes.map(({ key }) => key).join()));
    s.a = 1;
    expect(order).toEqual(['a1 begins', 'a1 ends', 'a2', 'a', 'b', 'b']);
  });

  it('[SES-69] listeners that change each other for ever are stopped', async () => {
    const { s, warnings } = fresh();
    let calls = 0;
    s.subscribe('a', () => {
      calls++;
      s.b = calls;
    });
    s.subscribe('b', () => {
      calls++;
      s.a = calls;
    });
    s.a = 0;
    const stopped = calls;
    expect(stopped).toBeGreaterThanOrEqual(99);
    expect(stopped).toBeLessThan(110);
    expect(warnings.map(({ code }) => code)).toEqual(['update-loop']);
    expect([s.a, s.b].sort()).toEqual([stopped - 1, stopped].sort());
    const heard = vi.fn();
    const { s: other } = fresh();
    other.subscribe('x', heard);
    other.x = 1;
    expect(heard).toHaveBeenCalledTimes(1);
    await task(5);
    expect(calls).toBe(stopped);
    s.a = 'again';
    expect(calls).toBeGreaterThan(stopped);
  });

  it('[SES-70] a removed key is told as undefined and is missing already', () => {
    const { s } = fresh();
    s.update({ k: 1, l: 2 });
    const heard = vi.fn((_value: unknown, _previous: unknown) => expect('k' in s).toBe(false));
    s.subscribe('k', heard);
    delete s.k;
    expect(heard.mock.calls).toEqual([[undefined, 1]]);
    s.l = 3;
    heard.mockClear();
    s.subscribe('l', (value, previous) => heard(value, previous));
    s.clear();
    expect(heard.mock.calls).toEqual([[undefined, 3]]);
    expect(reported).toEqual([]);
  });

  it('[SES-71] versions grow with every change and never shrink', async () => {
    const { s } = fresh();
    expect([s.version('k'), s.version()]).toEqual([0, 0]);
    const seen: [number, number][] = [];
    const note = (): void => void seen.push([s.version('k'), s.version()]);
    s.k = [1];
    note();
    s.other = 1;
    note();
    (s.k as number[]).push(2);
    await tick();
    note();
    delete s.k;
    note();
    s.k = 1;
    note();
    s.k = 1;
    note();
    s.clear();
    note();
    expect(seen).toEqual([
      [1, 1],
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 5],
      [4, 5],
      [5, 7],
    ]);
  });

  it('a listener that is added during a delivery waits for the next one', () => {
    const { s } = fresh();
    const late = vi.fn();
    s.subscribe('k', () => {
      s.subscribe('k', late);
    });
    s.k = 1;
    expect(late).not.toHaveBeenCalled();
    s.k = 2;
    expect(late).toHaveBeenCalledTimes(1);
  });

  it('tells of a key that appears or goes with the value undefined', () => {
    const { s } = fresh();
    const heard = vi.fn();
    const heardOne = vi.fn();
    s.subscribe(heard);
    s.subscribe('k', heardOne);
    s.k = undefined;
    s.k = undefined;
    delete s.k;
    const nothing = [{ key: 'k', value: undefined, previous: undefined }];
    expect(heard.mock.calls).toEqual([[nothing], [nothing]]);
    expect(heardOne.mock.calls).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
    s.batch(() => {
      s.k = undefined;
      delete s.k;
    });
    expect(heard).toHaveBeenCalledTimes(2);
  });

  it('refuses a listener that is no function', () => {
    const { s } = fresh();
    expect(() => s.subscribe('k', undefined as never)).toThrow(TypeError);
    expect(() => s.subscribe('k', 5 as never)).toThrow(/listener/);
  });
});
