// What sessionState writes, when, and what becomes of trouble.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createSessionState, registerClass, type Warning } from '../../src/index.js';
import { FakeStorage, fresh, task, tick } from '../helpers/session.js';

describe('sessionState, writing', () => {
  it('[SES-47] writes a key once per tick, and only keys that changed', async () => {
    const area = new FakeStorage();
    const { s, prefix } = fresh({ area });
    s.b = { x: 1 };
    await tick();
    area.calls.length = 0;
    for (let n = 0; n < 1000; n++) s.a = n;
    await tick();
    expect(area.calls).toEqual([`set ${prefix}a`]);
    expect(area.getItem(`${prefix}a`)).toBe('{"json":999}');
    s.a = 1;
    s.a = 999;
    s.c = 1;
    delete s.c;
    await tick();
    expect(area.calls).toEqual([`set ${prefix}a`]);
  });

  it('writes what is set by whoever hears a warning of the same tick', async () => {
    const area = new FakeStorage();
    const prefix = 'warned:';
    const s = createSessionState({
      prefix,
      storage: () => area,
      onWarning() {
        s.last = 1;
        s.told = 1;
        s.flush();
        s.told = 2;
      },
    });
    s.bad = () => 1;
    s.last = 0;
    await tick();
    expect([area.getItem(`${prefix}last`), area.getItem(`${prefix}told`)]).toEqual(['{"json":1}', '{"json":2}']);
    s.told = 3;
    await tick();
    expect(area.getItem(`${prefix}told`)).toBe('{"json":3}');
  });

  it('[SES-49] tells another object of equal content and does not write it', async () => {
    const area = new FakeStorage();
    const { s } = fresh({ area });
    s.o = { a: 1 };
    await tick();
    const heard = vi.fn();
    s.subscribe('o', heard);
    area.calls.length = 0;
    s.o = { ...(s.o as object) };
    expect(heard).toHaveBeenCalledTimes(1);
    await tick();
    expect([area.calls, heard.mock.calls.length]).toEqual([[], 1]);
  });

  it("[SES-50] somebody's clear() does not disturb the page and is respected", async () => {
    const area = new FakeStorage();
    const { s, again, text } = fresh({ area });
    s.a = 1;
    s.o = [1];
    await tick();
    area.clear();
    expect(s.a).toBe(1);
    expect(s.o).toEqual([1]);
    s.flush();
    expect(again().toDict()).toEqual({});
    s.a = 2;
    await tick();
    expect([text('a'), text('o')]).toEqual(['{"json":2}', null]);
  });

  it('[SES-106] an explicit set writes where the storage no longer holds the text', async () => {
    const area = new FakeStorage();
    const { s, again } = fresh({ area });
    const kept = [1];
    const values = { text: 'dark', o: { a: 1 }, kept, ref: 1, several: 2, rich: new Date(1), nothing: undefined };
    s.update(values);
    s.untouched = 1;
    await tick();
    const heard = vi.fn();
    s.subscribe('text', heard);
    for (const clear of [
      () => area.clear(),
      () => {
        for (const name of [...area.items.keys()]) area.items.set(name, '{"json":"somebody else"}');
      },
    ]) {
      clear();
      s.text = 'dark';
      s.o = { a: 1 };
      s.kept = kept;
      s.ref('ref').set(1);
      s.update({ several: 2 });
      s.rich = new Date(1);
      s.nothing = undefined;
      await tick();
      expect(again().toDict()).toMatchObject(values);
    }
    expect(heard).not.toHaveBeenCalled();
    area.clear();
    s.text = 'dark';
    s.flush();
    expect(again().toDict()).toEqual({ text: 'dark' });
    s.update({ ...values, untouched: 1 });
    expect(again().toDict()).toEqual({ ...values, untouched: 1 });
  });

  it('[SES-106] writes nothing where the text is there', async () => {
    const area = new FakeStorage();
    const { s } = fresh({ area });
    s.n = 1;
    s.o = { a: 1 };
    await tick();
    area.calls.length = 0;
    s.n = 1;
    s.o = { a: 1 };
    s.flush();
    expect(area.calls).toEqual([]);
  });

  it('writes nothing while the page prerenders; then changed texts win and the rest is written', async () => {
    const area = new FakeStorage();
    const { s, text, put } = fresh({ area });
    Object.defineProperty(document, 'prerendering', { value: true, configurable: true });
    try {
      s.n ??= 0;
      s.x = 1;
      s.list = [1];
      await tick();
      expect(area.items.size).toBe(0);
    } finally {
      delete (document as { prerendering?: boolean }).prerendering;
    }
    put('n', '{"json":5}');
    const heard = vi.fn();
    s.subscribe((changes) => heard(changes));
    document.dispatchEvent(new Event('prerenderingchange'));
    expect([s.n, s.x, text('n'), text('x'), text('list')]).toEqual([5, 1, '{"json":5}', '{"json":1}', '{"json":[1]}']);
    expect(heard.mock.calls).toEqual([[[{ key: 'n', value: 5, previous: 0 }]]]);
  });
});

describe('sessionState, when storage fails', () => {
  const spies: { mockRestore(): void }[] = [];
  afterEach(() => {
    for (const spy of spies.splice(0)) spy.mockRestore();
  });

  it('[SES-51] keeps what does not fit in memory and tries again when room is freed', async () => {
    const area = new FakeStorage();
    area.capacity = 2000;
    const { s, text, warnings } = fresh({ area });
    s.large = 'x'.repeat(1000);
    s.big = 'before';
    await tick();
    s.big = 'y'.repeat(1500);
    s.small = 1;
    await tick();
    expect(s.big).toBe('y'.repeat(1500));
    // the old text stays: an older value beats none
    expect([text('big'), text('small')]).toEqual(['{"json":"before"}', '{"json":1}']);
    expect(warnings.map(({ code, key }) => [code, key])).toEqual([['storage-full', 'big']]);
    expect(warnings[0]!.message).not.toContain('yyy');
    s.big = 'z'.repeat(1500);
    s.flush();
    expect(warnings.length).toBe(1);
    delete s.large;
    await tick();
    expect(text('big')).toBe(JSON.stringify({ json: 'z'.repeat(1500) }));
    // the trouble was over, so it is told again
    s.big = 'z'.repeat(3000);
    await tick();
    expect(warnings.length).toBe(2);
    // also when another key shrinks
    s.big = 'z'.repeat(1000);
    s.other = 'o'.repeat(700);
    await tick();
    s.third = 't'.repeat(400);
    await tick();
    expect(text('third')).toBe(null);
    s.other = '';
    await tick();
    expect(text('third')).toBe(JSON.stringify({ json: 't'.repeat(400) }));
  });

  it('[SES-52] works in memory when setItem always throws', async () => {
    const area = new FakeStorage();
    area.failure = new DOMException('secret value', 'InvalidStateError');
    const { s, warnings } = fresh({ area });
    const heard = vi.fn();
    s.subscribe('a', heard);
    s.a = 1;
    s.b = { list: [1] };
    await tick();
    s.a = 2;
    (s.b as { list: number[] }).list.push(2);
    await tick();
    s.flush();
    expect(s.toDict()).toEqual({ a: 2, b: { list: [1, 2] } });
    expect(heard.mock.calls).toEqual([
      [1, undefined],
      [2, 1],
    ]);
    expect(warnings.map(({ code, key }) => [code, key])).toEqual([
      ['storage-failed', 'a'],
      ['storage-failed', 'b'],
    ]);
    expect(s.pop('a')).toBe(2);
    s.clear();
    await tick();
    expect(s.toDict()).toEqual({});
    area.failure = undefined;
    s.c = 1;
    await tick();
    expect(area.items.size).toBe(1);
  });

  it.each([
    [
      'throws',
      () => {
        throw new DOMException('denied', 'SecurityError');
      },
    ],
    ['is null', () => null],
  ])('[SES-53] works in memory when the storage %s', async (_name, storage) => {
    const warnings: Warning[] = [];
    const s = createSessionState({ storage: storage as never, onWarning: (warning) => warnings.push(warning) });
    expect(warnings).toEqual([]);
    s.a = 1;
    s.list = [1];
    await tick();
    (s.list as number[]).push(2);
    s.flush();
    expect(s.toDict()).toEqual({ a: 1, list: [1, 2] });
    delete s.a;
    s.clear();
    s.flush();
    expect(warnings.map(({ code }) => code)).toEqual(['storage-denied']);
  });

  it('[SES-54] texts that are not ours are missing, told once, and stay until set', async () => {
    const area = new FakeStorage();
    const { s, put, text, warnings } = fresh({ area });
    const texts = [
      '{bad secret',
      '5',
      'null',
      '[]',
      '{"a":1}',
      '"x"',
      '',
      '{"json":1,"meta":{"values":[["unknown"]],"v":1}}',
      '{"json":1,"meta":{"values":["secret"],"v":1}}',
      '{"json":"secret","meta":{"values":["Date"],"v":1}}',
      '{"json":{"a":["secret"]},"meta":{"values":{"a":["set",{"0":["Date"]}]},"v":1}}',
    ];
    for (const [i, stored] of texts.entries()) put(`t${i}`, stored);
    put('good', '{"json":[1]}');
    put('rich', '{"json":"1","meta":{"values":["bigint"],"v":1}}');
    expect(s.good).toEqual([1]);
    expect(warnings.map(({ key }) => key)).toEqual(texts.map((_stored, i) => `t${i}`).sort());
    expect(Object.keys(s)).toEqual(['good', 'rich']);
    expect([s.rich, s.t0, 't1' in s, s.has('t2'), s.get('t3', 'd')]).toEqual([1n, undefined, false, false, 'd']);
    s.flush();
    await tick();
    for (const [i, stored] of texts.entries()) expect(text(`t${i}`)).toBe(stored);
    for (const { code, message, cause } of warnings)
      expect([code, message.includes('secret'), cause]).toEqual(['storage-corrupt', false, undefined]);
    s.t0 = 1;
    expect(s.delete('t1')).toBe(false);
    await tick();
    expect([text('t0'), text('t1'), text('t2')]).toEqual(['{"json":1}', null, 'null']);
    expect(warnings.length).toBe(texts.length);
    s.clear();
    await tick();
    expect(area.items.size).toBe(0);
  });

  it('warns again of a key whose trouble was gone in between', async () => {
    const area = new FakeStorage();
    const { s, codes } = fresh({ area });
    area.capacity = 60;
    const big = 'x'.repeat(100);
    s.k = 1;
    await tick();
    const trouble = async (value: unknown, gone: () => void) => {
      s.k = value;
      await tick();
      gone();
      await tick();
      s.k = value;
      await tick();
    };
    await trouble(big, () => delete s.k);
    await trouble(big, () => {
      s.k = 1;
    });
    s.k = 2;
    await trouble(
      () => {},
      () => delete s.k,
    );
    expect(codes()).toEqual([...Array(3).fill('storage-full'), ...Array(2).fill('unserializable')]);
  });

  it('warns again of a storage that fails again', async () => {
    const area = new FakeStorage();
    const { s, codes } = fresh({ area });
    for (const n of [1, 2]) {
      area.failure = new DOMException('no', 'InvalidStateError');
      s.k = `refused ${n}`;
      await tick();
      area.failure = undefined;
      s.k = `stored ${n}`;
      await tick();
    }
    expect(codes()).toEqual(['storage-failed', 'storage-failed']);
  });

  it('a warning says what happened, to which key, and what to do', async () => {
    const told: string[] = [];
    const onWarning = ({ message }: Warning): void => void told.push(message);
    const area = new FakeStorage();
    area.capacity = 60;
    area.items.set('said:corrupt', '{bad');
    area.items.set('said:shape', '{"json":"refused","version":1}');
    area.items.set('said:old', '{"json":1}');
    area.items.set('said:older', '{"json":2}');
    const s = createSessionState<Record<string, unknown>>({
      prefix: 'said:',
      storage: () => area,
      version: 1,
      migrate(key) {
        if (key === 'older') throw new Error('of migrate()');
        return undefined;
      },
      schemas: { shape: z.number() },
      onWarning,
    });
    expect(s.toDict()).toEqual({});
    area.clear();
    s.big = 'x'.repeat(100);
    await tick();
    area.failure = new Error('of the storage');
    s.other = 1;
    await tick();
    s.subscribe('a', (n) => s.update({ b: n, c: n }));
    s.subscribe('b', (n) => {
      s.a = (n as number) + 1;
    });
    s.subscribe('c', () => {});
    s.update({ b: 0, c: 0 });
    createSessionState({ prefix: 'said:more:', storage: () => area, onWarning }).a = 1;
    createSessionState({ storage: () => null as never, onWarning }).a = 1;
    expect(told.map((message) => message.replace('sessionState: ', ''))).toEqual([
      'the text of "corrupt" cannot be read. Set or delete it.',
      'migrate() refused the stored value of "old".',
      'migrate() refused the stored value of "older".',
      'the schema refused the stored value of "shape".',
      `no room for "big" (${'{"json":"","version":1}'.length + 100} characters). Delete keys.`,
      'storage refused "other", which stays in memory.',
      'listeners change "b", "c" for ever.',
      'the prefixes "said:more:" and "said:" overlap.',
      'no access to storage: values are gone after a reload.',
    ]);
  });

  it('reads long texts at their first use, and those of a class when it is there', () => {
    const { s, put, codes } = fresh({ area: new FakeStorage() });
    put('long', JSON.stringify({ json: 'x'.repeat(40_000) }));
    put('broken', '{bad');
    put('object', '{"json":{"a":1}}');
    expect([s.missing, codes()]).toEqual([undefined, []]);
    expect([s.broken, codes()]).toEqual([undefined, ['storage-corrupt']]);
    expect(s.object).toEqual({ a: 1 });
    const short = fresh({ area: new FakeStorage() });
    short.put('o', '{"json":{"a":1},"meta":{"values":[["class","test.LateInStorage"]],"v":1}}');
    short.put('broken', '{bad');
    expect([short.s.missing, short.warnings.map(({ key }) => key)]).toEqual([undefined, ['broken']]);
    class Late {}
    registerClass(Late, 'test.LateInStorage');
    expect(short.s.o).toBeInstanceOf(Late);
    expect(short.warnings.length).toBe(1);
  });

  it('[SES-56] asks for the storage late and adds listeners once', async () => {
    const storage = vi.fn(() => new FakeStorage());
    const added = vi.spyOn(window, 'addEventListener');
    const addedToDocument = vi.spyOn(document, 'addEventListener');
    spies.push(added, addedToDocument);
    const s = createSessionState({ storage });
    const ref = s.ref('k', [1]);
    const end = s.subscribe('k', () => {});
    const endAll = s.subscribe(() => {});
    ref.listen(() => {})();
    expect([s.version(), s.version('k')]).toEqual([0, 0]);
    end();
    endAll();
    await task();
    expect(storage).not.toHaveBeenCalled();
    expect(added).not.toHaveBeenCalled();
    expect(addedToDocument).not.toHaveBeenCalled();
    ref.get();
    s.x = 1;
    expect(storage).toHaveBeenCalledTimes(1);
    const afterFirst = added.mock.calls.length;
    createSessionState({ storage }).x = 1;
    expect(added.mock.calls.length).toBe(afterFirst);
    for (const [type] of [...added.mock.calls, ...addedToDocument.mock.calls]) expect(type).not.toMatch(/unload/);
  });
});

describe('sessionState, reading again', () => {
  const storageEvent = (area: Storage, key: string | null): void => {
    const event = new Event('storage');
    Object.assign(event, {});
    Object.defineProperties(event, { storageArea: { value: area }, key: { value: key } });
    window.dispatchEvent(event);
  };

  it('[SES-59] takes over what another frame wrote or removed, and only from its own storage', async () => {
    const area = new FakeStorage();
    const { s, put, prefix, text } = fresh({ area });
    s.k = 1;
    s.memory = 1;
    await tick();
    const heard = vi.fn();
    s.subscribe('k', heard);
    put('k', '{"json":[2]}');
    storageEvent(new FakeStorage(), `${prefix}k`);
    expect(s.k).toBe(1);
    storageEvent(area, `${prefix}k`);
    expect(s.k).toEqual([2]);
    storageEvent(area, `${prefix}k`);
    area.removeItem(`${prefix}k`);
    storageEvent(area, `${prefix}k`);
    expect('k' in s).toBe(false);
    expect(heard.mock.calls).toEqual([
      [[2], 1],
      [undefined, [2]],
    ]);
    put('new', '{"json":3}');
    storageEvent(area, `${prefix}new`);
    expect(s.new).toBe(3);
    // a set that waits for its flush wins
    put('k', '{"json":"theirs"}');
    s.k = 'ours';
    storageEvent(area, `${prefix}k`);
    expect(s.k).toBe('ours');
    await tick();
    expect(text('k')).toBe('{"json":"ours"}');
    put('k', '{bad');
    heard.mockClear();
    storageEvent(area, `${prefix}k`);
    expect('k' in s).toBe(false);
    expect(heard.mock.calls).toEqual([[undefined, 'ours']]);
    put('k', '{"json":1}');
    storageEvent(area, `${prefix}k`);
    expect(s.k).toBe(1);
    area.clear();
    storageEvent(area, null);
    expect(s.toDict()).toEqual({});
  });

  it('takes over a text that this page has not read yet, at once where somebody listens', () => {
    const area = new FakeStorage();
    const { s, put, prefix, codes } = fresh({ area });
    const text = (letter: string): string => JSON.stringify({ json: [letter.repeat(20_000)] });
    for (const key of ['a', 'b', 'c']) put(key, text('x'));
    expect(s.missing).toBe(undefined);
    const heard = vi.fn();
    s.subscribe('b', heard);
    const versions = (): number[] => ['a', 'b', 'c'].map((key) => s.version(key));
    put('a', text('y'));
    put('b', '{"json":2}');
    area.items.delete(`${prefix}c`);
    for (const key of ['a', 'b', 'c']) storageEvent(area, prefix + key);
    expect([heard.mock.calls, versions()]).toEqual([[[2, ['x'.repeat(20_000)]]], [1, 1, 1]]);
    expect(s.toDict()).toEqual({ a: ['y'.repeat(20_000)], b: 2 });
    expect(['c' in s, codes()]).toEqual([false, []]);
  });

  it('leaves values alone for names of another prefix, for its own text and for texts that stay unreadable', async () => {
    const area = new FakeStorage();
    const { s, put, prefix } = fresh({ area });
    const o = { a: 1 };
    put('broken', '{bad');
    put('gone', '{bad');
    area.failure = new Error('of the storage');
    s.o = o;
    await tick();
    area.failure = undefined;
    const heard = vi.fn();
    s.subscribe((changes) => heard(changes));
    expect([s.has('broken'), s.has('gone')]).toEqual([false, false]);
    const version = s.version();
    put('o', '{"json":{"a":1}}');
    put('broken', '{worse');
    area.items.delete(`${prefix}gone`);
    const foreign = `${'f'.repeat(prefix.length)}o`;
    area.items.set(foreign, '{"json":"foreign"}');
    for (const name of [`${prefix}o`, `${prefix}broken`, `${prefix}gone`, foreign]) storageEvent(area, name);
    expect([heard.mock.calls, s.version()]).toEqual([[], version]);
    expect(s.o).toBe(o);
    expect(Object.keys(s)).toEqual(['o']);
  });

  it('tells what a key held when another frame makes its text unreadable', async () => {
    const { s, put, prefix, codes } = fresh();
    s.k = { a: 1 };
    await tick();
    const heard = vi.fn();
    s.subscribe('k', heard);
    const { k } = s;
    put('k', '{bad');
    dispatchEvent(new StorageEvent('storage', { key: `${prefix}k`, storageArea: sessionStorage }));
    expect(heard.mock.calls).toEqual([[undefined, k]]);
    expect(heard.mock.calls[0]![1]).toBe(k);
    expect(codes()).toEqual(['storage-corrupt']);
    put('k', '{worse');
    dispatchEvent(new StorageEvent('storage', { key: `${prefix}k`, storageArea: sessionStorage }));
    expect(codes()).toEqual(['storage-corrupt']);
    // gone in between: told again
    s.k = 1;
    await tick();
    put('k', '{bad');
    dispatchEvent(new StorageEvent('storage', { key: `${prefix}k`, storageArea: sessionStorage }));
    expect(codes()).toEqual(['storage-corrupt', 'storage-corrupt']);
  });

  it('[SES-60] compares texts when the page comes out of the back/forward cache', async () => {
    const area = new FakeStorage();
    const { s, put, again } = fresh({ area });
    s.a = { n: 1 };
    s.b = 1;
    s.fn = () => 1;
    await tick();
    put('b', '{"json":2}');
    put('c', '{"json":3}');
    const heard = vi.fn();
    s.subscribe(heard);
    const a = s.a;
    const show = (persisted: boolean): void => {
      const event = new Event('pageshow');
      Object.defineProperty(event, 'persisted', { value: persisted });
      window.dispatchEvent(event);
    };
    show(false);
    expect(s.b).toBe(1);
    show(true);
    expect(s.a).toBe(a);
    // a key that never had a text stays
    expect(typeof s.fn).toBe('function');
    expect(heard.mock.calls).toEqual([
      [
        [
          { key: 'b', value: 2, previous: 1 },
          { key: 'c', value: 3, previous: undefined },
        ],
      ],
    ]);
    show(true);
    expect(heard).toHaveBeenCalledTimes(1);
    expect(again().toDict()).toEqual({ a: { n: 1 }, b: 2, c: 3 });
  });
});
