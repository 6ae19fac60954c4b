// Changes inside objects of sessionState.
import { describe, expect, it, vi } from 'vitest';
import { lookNow } from '../../src/core/ref.js';
import { createSessionState, type Warning } from '../../src/index.js';
import { FakeStorage, fresh, task, tick } from '../helpers/session.js';

describe('sessionState, changes in place', () => {
  it('[SES-38] finds, stores and tells a change inside a list in the tick', async () => {
    const { s, text } = fresh();
    s.list = [1];
    await tick();
    const heard = vi.fn();
    s.subscribe('list', heard);
    const before = s.version('list');
    (s.list as number[]).push(2);
    expect(heard).not.toHaveBeenCalled();
    await tick();
    expect(text('list')).toBe('{"json":[1,2]}');
    expect(heard.mock.calls).toEqual([[[1, 2], [1]]]);
    expect(s.version('list')).toBe(before + 1);
    await task();
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('[SES-39] hands out the raw object', async () => {
    const { s } = fresh();
    const o = { when: new Date(1), map: new Map([[1, 2]]) };
    s.o = o;
    expect(s.o).toBe(o);
    expect(structuredClone(s.o)).toEqual(o);
    const { port1, port2 } = new MessageChannel();
    const received = new Promise((resolve) => {
      port2.onmessage = (event) => resolve(event.data);
    });
    port1.postMessage(s.o);
    expect(await received).toEqual(o);
    port1.close();
    port2.close();
  });

  it('[SES-40] finds changes in Maps, Sets, Dates and nested objects', async () => {
    const { s, again } = fresh();
    s.m = new Map([['k', new Set([0])]]);
    s.when = new Date(2020, 5, 5);
    s.o = { a: { b: 1 } };
    s.bytes = new Uint8Array(2);
    await tick();
    const heard = vi.fn();
    s.subscribe((changes) => heard(changes.map(({ key }) => key)));
    (s.m as Map<string, Set<number>>).get('k')!.add(1);
    (s.when as Date).setFullYear(2000);
    (s.o as { a: { b: number } }).a.b = 3;
    (s.bytes as Uint8Array)[1] = 7;
    await tick();
    expect(heard.mock.calls).toEqual([[['m', 'when', 'o', 'bytes']]]);
    const next = again();
    expect(next.m).toEqual(new Map([['k', new Set([0, 1])]]));
    expect((next.when as Date).getFullYear()).toBe(2000);
    expect(next.o).toEqual({ a: { b: 3 } });
    expect(next.bytes).toEqual(new Uint8Array([0, 7]));
  });

  it('[SES-41] flush finds a change through a reference that was kept', async () => {
    const { s, text } = fresh();
    s.list = [1];
    await tick();
    const heard = vi.fn();
    s.subscribe('list', heard);
    const list = s.list as number[];
    await task(100);
    list.push(3);
    await tick();
    expect(heard).not.toHaveBeenCalled();
    s.flush();
    expect([text('list'), heard.mock.calls]).toEqual(['{"json":[1,3]}', [[[1, 3], [1]]]]);
  });

  it('[SES-41] leaving the page finds it, too', async () => {
    const { s, text } = fresh();
    s.list = [1];
    await tick();
    const list = s.list as number[];
    await task();
    list.push(3);
    window.dispatchEvent(new Event('pagehide'));
    expect(text('list')).toBe('{"json":[1,3]}');
    list.push(4);
    const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    document.dispatchEvent(new Event('visibilitychange'));
    visibility.mockRestore();
    expect(text('list')).toBe('{"json":[1,3,4]}');
  });

  it('[SES-42] a change later in the task of the set is stored and told', async () => {
    const { s, text } = fresh();
    const seen: string[] = [];
    s.subscribe((changes) => {
      for (const { key, value } of changes) seen.push(`${key} ${JSON.stringify(value)}`);
    });
    s.l = [1];
    (s.l as number[]).push(2);
    const o = { a: 1 };
    s.o = o;
    o.a = 2;
    expect(seen).toEqual(['l [1]', 'o {"a":1}']);
    await tick();
    expect([text('l'), text('o')]).toEqual(['{"json":[1,2]}', '{"json":{"a":2}}']);
    expect(seen.slice(2)).toEqual(['l [1,2]', 'o {"a":2}']);
  });

  it('[SES-42] the same for those who subscribe, or ask for the version, after the set', async () => {
    const { s } = fresh();
    const heard = vi.fn();
    s.l = [1];
    s.subscribe('l', heard);
    s.o = { a: 1 };
    const version = s.version('o');
    (s.l as number[]).push(2);
    (s.o as { a: number }).a = 2;
    await tick();
    expect(heard.mock.calls).toEqual([[[1, 2], [1]]]);
    expect(s.version('o')).toBe(version + 1);
  });

  it('[SES-43] assigning the same object looks at once', async () => {
    const { s } = fresh();
    s.list = [1];
    await tick();
    const heard = vi.fn();
    s.subscribe('list', heard);
    (s.list as number[]).push(2);
    // biome-ignore lint/correctness/noSelfAssign: what the case is about
    s.list = s.list;
    expect(heard.mock.calls).toEqual([[[1, 2], [1]]]);
    // biome-ignore lint/correctness/noSelfAssign: what the case is about
    s.list = s.list;
    await tick();
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('[SES-43] also where nobody listens: for version, a ref and who subscribes then', async () => {
    const { s, text } = fresh();
    s.list = [1];
    const ref = s.ref('list');
    const shown = ref.get();
    await tick();
    const version = s.version('list');
    const assign = (n: number): void => {
      (s.list as number[]).push(n);
      // biome-ignore lint/correctness/noSelfAssign: what the case is about
      s.list = s.list;
    };
    assign(2);
    expect([s.version('list'), s.version('list')]).toEqual([version + 1, version + 1]);
    assign(3);
    expect(ref.get()).toEqual([1, 2, 3]);
    expect(ref.get()).not.toBe(shown);
    assign(4);
    const heard = vi.fn();
    s.subscribe('list', heard);
    await tick();
    expect([heard.mock.calls, s.version('list'), text('list')]).toEqual([[], version + 3, '{"json":[1,2,3,4]}']);
  });

  it('[SES-44] reading objects writes and tells nothing', async () => {
    const area = new FakeStorage();
    const { s } = fresh({ area });
    s.a = { list: [1] };
    s.b = new Map([['x', new Date(1)]]);
    s.flush();
    const heard = vi.fn();
    s.subscribe(heard);
    area.calls.length = 0;
    for (let n = 0; n < 100; n++) {
      for (const [, value] of s) expect(value).toBeTruthy();
      s.toDict();
      await task();
    }
    s.flush();
    expect([area.calls, heard.mock.calls]).toEqual([[], []]);
  });

  it('an object that has changed is looked at once in its tick, like one that has not', async () => {
    const { s, text } = fresh();
    let reads = 0;
    let n = 0;
    const counted = {
      get n() {
        reads++;
        return n;
      },
    };
    s.counted = counted;
    await task();
    const looks: number[] = [];
    for (const now of [0, 1]) {
      reads = 0;
      n = now;
      s.get('counted');
      await task();
      looks.push(reads);
    }
    expect(text('counted')).toBe('{"json":{"n":1}}');
    expect(looks[0]).toBeGreaterThan(0);
    expect(looks[1]).toBe(looks[0]);
  });

  it('a set after a change in place that was found gives what listeners know as the previous value', async () => {
    const { s } = fresh();
    s.list = [1];
    await tick();
    const heard = vi.fn();
    s.subscribe('list', heard);
    const ref = s.ref('list') as unknown as { get(): unknown; [lookNow](): void };
    ref.get();
    (s.list as number[]).push(2);
    ref[lookNow]();
    s.list = [9];
    await task();
    expect(heard.mock.calls).toEqual([[[9], [1]]]);
  });

  it('[SES-45] a subscriber that changes what it got for ever is stopped', async () => {
    const { s, warnings, text } = fresh();
    let calls = 0;
    const end = s.subscribe('list', (list) => {
      calls++;
      (list as number[]).push(calls);
    });
    s.list = [];
    await task();
    await task();
    expect(warnings.map(({ code, message }) => [code, message.includes('"list"')])).toEqual([['update-loop', true]]);
    expect(calls).toBeGreaterThan(50);
    expect(calls).toBeLessThan(200);
    const stopped = calls;
    await task(20);
    expect(calls).toBe(stopped);
    expect((s.list as number[]).length).toBe(calls);
    s.flush();
    expect(text('list')).toBe(JSON.stringify({ json: s.list }));
    // it would hear of the wiped storage, and fail
    end();
  });

  it('waits with implicit looks at a key that takes long, not with flush', async () => {
    let time = 100_000;
    const now = vi.spyOn(performance, 'now').mockImplementation(() => time);
    try {
      const { s, text } = fresh({ area: new FakeStorage() });
      let reads = 0;
      const large = {
        text: 'x'.repeat(20_000),
        n: 0,
        get slow() {
          reads++;
          time += 5;
          return 1;
        },
      };
      s.large = large;
      await tick();
      const looks = async (): Promise<number> => {
        reads = 0;
        s.get('large');
        await tick();
        return reads;
      };
      expect(await looks()).toBeGreaterThan(0);
      large.n = 1;
      expect(await looks()).toBe(0);
      time += 20 * 5;
      expect(await looks()).toBe(0);
      time += 1000;
      expect(await looks()).toBeGreaterThan(0);
      expect(text('large')).toContain('"n":1');
      large.n = 2;
      expect(await looks()).toBe(0);
      s.flush();
      expect(text('large')).toContain('"n":2');
      large.n = 3;
      expect(await looks()).toBe(0);
      s.large = large;
      expect(s.version('large')).toBe(4);
    } finally {
      now.mockRestore();
    }
  });

  it('what flush finds may make listeners set more, which it stores as well', async () => {
    const { s, text } = fresh();
    s.list = [1];
    s.total = 1;
    await tick();
    const end = s.subscribe('list', (list) => {
      s.total = (list as number[]).length;
    });
    (s.list as number[]).push(2);
    s.flush();
    expect([text('list'), text('total')]).toEqual(['{"json":[1,2]}', '{"json":2}']);
    end();
  });

  it('version and a ref leave a change through a kept reference to the flush that tells it', async () => {
    const { s } = fresh();
    const list = [1];
    s.list = list;
    const ref = s.ref('list');
    ref.get();
    await tick();
    const heard = vi.fn();
    s.subscribe('list', heard);
    await task();
    list.push(3);
    const version = s.version('list');
    expect(ref.get()).toBe(list);
    s.flush();
    expect([heard.mock.calls, s.version('list')]).toEqual([[[[1, 3], [1]]], version + 1]);
  });

  it('version() of all keys counts an object that was just set as it is now', async () => {
    const { s } = fresh();
    const o = { a: 1 };
    s.o = o;
    const version = s.version();
    o.a = 2;
    await tick();
    expect(s.version()).toBe(version + 1);
  });

  it('many changes in place are no loop as long as tasks lie between them', async () => {
    const { s, codes } = fresh();
    s.list = [];
    await tick();
    const heard = vi.fn();
    s.subscribe('list', heard);
    for (let n = 0; n < 120; n++) {
      if (n % 40 === 0) await task();
      (s.list as number[]).push(n);
      await tick();
    }
    expect([heard.mock.calls.length, codes()]).toEqual([120, []]);
  });

  it('looks on its own at a key that takes long, when it has rested', async () => {
    let time = 100_000;
    const now = vi.spyOn(performance, 'now').mockImplementation(() => time);
    try {
      const area = new FakeStorage();
      const { s, text } = fresh({ area });
      const slow = (n: number) => ({
        text: 'x'.repeat(20_000),
        n,
        get slow() {
          time += 0.5;
          return 1;
        },
      });
      const values = [slow(0), slow(0)];
      s.update({ a: values[0], b: values[1] });
      await tick();
      s.toDict();
      await tick();
      for (const value of values) value.n = 1;
      s.toDict();
      await tick();
      expect([text('a'), text('b')].some((stored) => stored?.includes('"n":1'))).toBe(false);
      time += 1000;
      await vi.waitFor(() => {
        for (const key of ['a', 'b']) expect(text(key)).toContain('"n":1');
      });
    } finally {
      now.mockRestore();
    }
  });

  it('a change in what no copy can be made of is told and stored, and so is everything else', () => {
    // the stack holds the text of some depths, not the comparison of two copies
    const values: object[] = [];
    for (let depth = 1000; depth < 12_000; depth = Math.ceil(depth * 1.2)) {
      let list: unknown[] = [];
      for (let level = 0; level < depth; level++) list = [list];
      values.push({ list });
    }
    for (const value of values) {
      const { s, text, codes } = fresh();
      const heard = vi.fn();
      s.ref('k').listen(heard);
      s.k = value;
      s.flush();
      (s.k as { n: number }).n = 2;
      s.other = 1;
      s.flush();
      expect([text('other'), (s.ref('k').get() as { n: number }).n]).toEqual(['{"json":1}', 2]);
      if (codes().length === 0) expect([heard.mock.calls.length, text('k')?.includes('"n":2')]).toEqual([2, true]);
    }
  });

  it('an object that becomes storable again is stored and told', async () => {
    const warnings: Warning[] = [];
    const area = new FakeStorage();
    const s = createSessionState({ storage: () => area, onWarning: (warning) => warnings.push(warning) });
    s.o = { f: () => 1 } as object;
    const heard = vi.fn();
    s.subscribe('o', heard);
    await tick();
    delete (s.o as { f?: unknown }).f;
    await tick();
    expect(area.getItem('tabstate:o')).toBe('{"json":{}}');
    expect(heard).toHaveBeenCalledTimes(1);
    expect(warnings.map(({ code }) => code)).toEqual(['unserializable']);
  });
});
