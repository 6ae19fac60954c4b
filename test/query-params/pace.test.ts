// How often the URL is written.
import { describe, expect, it, vi } from 'vitest';
import { createQueryParamsOver } from '../../src/query-params/query-params.js';
import { createTokenBucket } from '../../src/query-params/rate.js';
import { createWriter } from '../../src/query-params/writer.js';
import { createFakeAddress, fakePage } from '../helpers/fake-address.js';
import { createFakeClock } from '../helpers/fake-clock.js';

describe('queryParams, pace', () => {
  it('[QRY-78] 10,000 sets in a task make one call', async () => {
    const { q, now, address } = fakePage();
    for (let i = 0; i < 10_000; i++) q.i = i;
    await Promise.resolve();
    expect(now()).toBe('?i=9999');
    expect(address.calls).toHaveLength(1);
  });

  it('[QRY-79] 60 sets a second for 12 s stay in the budget and are written in the end', async () => {
    const { q, now, address, clock } = fakePage();
    const times: number[] = [];
    for (let i = 0; i < 720; i++) {
      q.i = i;
      const before = address.calls.length;
      await clock.advance(1000 / 60);
      for (let n = before; n < address.calls.length; n++) times.push(clock.monotonic());
    }
    await clock.advance(500);
    expect(now()).toBe('?i=719');
    for (const start of times) {
      const within = (ms: number): number => times.filter((time) => time >= start && time < start + ms).length;
      expect(within(10_000)).toBeLessThanOrEqual(60);
      expect(within(30_000)).toBeLessThanOrEqual(100);
    }
    expect(clock.waiting).toBe(0);
    expect(address.listeners).toBe(0);
  });

  it.each(['ignore', 'throw'] as const)(
    '[QRY-81] where calls are refused (%s) the edit waits and is written later',
    async (answer) => {
      const { q, now, address, clock, warnings } = fakePage();
      address.answer = answer;
      q.k = 'final';
      expect(q.k).toBe('final');
      await clock.advance(9_500);
      expect(now()).toBe('');
      expect(q.k).toBe('final');
      address.answer = 'write';
      await clock.advance(1_000);
      expect(now()).toBe('?k=final');
      q.k = 'further';
      await clock.advance(1_000);
      expect(now()).toBe('?k=further');
      expect(warnings).toEqual([]);
    },
  );

  it('[QRY-82] a refused push makes one entry in the end', async () => {
    const { q, now, address, clock } = fakePage();
    address.answer = 'ignore';
    q.set('k', 'final', { history: 'push' });
    await clock.advance(5_000);
    q.other = 1;
    await clock.advance(1_000);
    address.answer = 'write';
    const before = address.calls.length;
    await clock.advance(5_000);
    expect(now()).toBe('?k=final&other=1');
    expect(address.calls.slice(before).map(({ mode }) => mode)).toEqual(['push']);
  });

  it('[QRY-83] the first 40 go out in their microtask, the last after half a second at most', async () => {
    const { q, now, clock } = fakePage();
    for (let i = 1; i <= 60; i++) {
      q.i = i;
      await Promise.resolve();
      expect(now()).toBe(`?i=${i <= 40 ? i : now().slice(3)}`);
      if (i > 45) expect(now()).not.toBe(`?i=${i}`);
      await clock.advance(10);
    }
    expect(q.i).toBe('60');
    await clock.advance(500);
    expect(now()).toBe('?i=60');
  });

  it('[QRY-84] flush does not wait for a token', async () => {
    const { q, flushed, now, clock, address } = fakePage();
    for (let i = 0; i < 100; i++) {
      q.i = i;
      expect(flushed()).toBe(`?i=${i}`);
    }
    // the balance stops at -20: 21 tokens are 10.5 s away
    q.a = 1;
    await clock.advance(10_000);
    expect(now()).toBe('?i=99');
    await clock.advance(500);
    expect(now()).toBe('?i=99&a=1');
    expect(address.calls).toHaveLength(101);
  });

  it('a push does not wait either', async () => {
    const { q, now } = fakePage();
    for (let i = 0; i < 60; i++) {
      q.set('i', i, { history: 'push' });
      await Promise.resolve();
    }
    expect(now()).toBe('?i=59');
  });

  it('a push of what waits for a token does not wait', async () => {
    const { q, address } = fakePage();
    for (let i = 0; i < 70; i++) {
      q.i = i;
      q.flush();
    }
    q.a = 1;
    await Promise.resolve();
    expect(address.calls).toHaveLength(70);
    q.set('a', 1, { history: 'push' });
    await Promise.resolve();
    expect(address.calls.slice(70)).toEqual([{ url: 'http://h/p?i=69&a=1', mode: 'push' }]);
  });

  it.each(['replace', 'push'] as const)(
    'what is written during a history call goes out next, as a %s',
    async (mode) => {
      const { q, address } = fakePage();
      const { write } = address;
      address.write = function (...args) {
        write.apply(this, args);
        // a page's listener of `currententrychange`, or a router that patches the history API
        if (!q.has('b')) q.set('b', 2, { history: mode });
      };
      q.a = 1;
      await Promise.resolve();
      await Promise.resolve();
      expect(address.calls.map((call) => call.mode)).toEqual(['replace', mode]);
      expect(address.href()).toBe('http://h/p?a=1&b=2');
      // nothing was refused: there are still tokens
      q.c = 3;
      await Promise.resolve();
      expect(address.calls).toHaveLength(3);
    },
  );

  it.each([
    ['pagehide', () => dispatchEvent(new Event('pagehide'))],
    [
      'being hidden',
      () => {
        const state = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
        document.dispatchEvent(new Event('visibilitychange'));
        state.mockRestore();
      },
    ],
  ])('[QRY-86] %s writes what waits for a token', async (_, leave) => {
    const { q, flushed, now, clock } = fakePage();
    for (let i = 0; i < 60; i++) {
      q.i = i;
      flushed();
    }
    q.a = 1;
    await clock.advance(0);
    expect(now()).toBe('?i=59');
    leave();
    expect(now()).toBe('?i=59&a=1');
    expect(clock.waiting).toBe(0);
  });

  it('[QRY-87] all writers of a page share one budget', async () => {
    const address = createFakeAddress('');
    const clock = createFakeClock();
    const bucket = createTokenBucket();
    const [one, two] = [false, true].map((isHash) =>
      createQueryParamsOver(createWriter({ address, clock, bucket, isHash })),
    ) as [ReturnType<typeof createQueryParamsOver>, ReturnType<typeof createQueryParamsOver>];
    for (let i = 0; i < 600; i++) {
      one.i = i;
      two.i = i;
      await clock.advance(1000 / 60);
    }
    expect(address.calls.length).toBeLessThanOrEqual(60);
    await clock.advance(1_000);
    expect(address.href()).toBe('http://h/p?i=599#?i=599');
  });

  it('[QRY-88] a browser that always refuses: one warning after a minute, then only new occasions try', async () => {
    const { q, address, clock, warnings } = fakePage();
    address.answer = 'throw';
    q.a = 1;
    await clock.advance(58_000);
    expect(warnings).toEqual([]);
    await clock.advance(2_000);
    expect(q.a).toBe('1');
    expect(warnings).toEqual([
      { code: 'url-refused', message: expect.any(String), cause: expect.objectContaining({ name: 'SecurityError' }) },
    ]);
    expect(address.calls).toHaveLength(60);
    await clock.advance(60_000);
    expect(address.calls).toHaveLength(60);
    dispatchEvent(new Event('pagehide'));
    q.flush();
    q.b = 1;
    await clock.advance(10_000);
    expect(address.calls).toHaveLength(63);
    expect(warnings).toHaveLength(1);
    address.answer = 'write';
    q.flush();
    expect(address.href()).toBe('http://h/p?a=1&b=1');
    expect(clock.waiting).toBe(0);
    expect(address.listeners).toBe(0);
  });

  it('edits that come while others are refused are written with them', async () => {
    const { q, now, address, clock } = fakePage('?x=1');
    address.answer = 'ignore';
    q.a = 1;
    await clock.advance(1_500);
    address.goto('?x=2&y=1');
    q.b = 2;
    delete q.x;
    await clock.advance(0);
    address.answer = 'write';
    await clock.advance(1_000);
    expect(now()).toBe('?y=1&a=1&b=2');
  });

  it('a clock that goes back does not stop writing', async () => {
    const clock = createFakeClock();
    let offset = 1_000_000;
    const bucket = createTokenBucket();
    const address = createFakeAddress('');
    const q = createQueryParamsOver(
      createWriter({ address, bucket, clock: { ...clock, monotonic: () => clock.monotonic() + offset } }),
    );
    for (let i = 0; i < 60; i++) {
      q.i = i;
      await clock.advance(1);
    }
    offset = 0;
    await clock.advance(1_200);
    expect(address.href()).toBe('http://h/p?i=59');
  });
});

describe('queryParams, hostile places', () => {
  it.each(['about:srcdoc', 'about:blank', 'blob:http://h/1234', 'data:text/html,x'])(
    '[QRY-89] %s: memory for good, one warning',
    async (url) => {
      const { q, address, clock, warnings } = fakePage();
      address.goto(url);
      address.answer = 'throw';
      const heard = vi.fn();
      q.subscribe('a', heard);
      q.a = 1;
      q.b = ['x', 'y'];
      await clock.advance(5_000);
      expect(q.a).toBe('1');
      expect(q.toDict()).toEqual({ a: '1', b: 'y' });
      q.clear();
      expect([...q]).toEqual([]);
      q.a = 2;
      q.flush();
      expect(q.a).toBe('2');
      expect(heard.mock.calls).toEqual([
        ['1', undefined],
        [undefined, '1'],
        ['2', undefined],
      ]);
      expect(warnings.map(({ code }) => code)).toEqual(['memory-mode']);
      expect(warnings[0]?.message).toContain('this document cannot have a query; it stays in memory.');
      expect(address.href()).toBe(new URL(url).href);
      expect(address.calls).toEqual([]);
      expect(clock.waiting).toBe(0);
    },
  );

  it('[QRY-91] what is too long for a URL stays in memory until it fits', () => {
    const { q, flushed, warnings } = fakePage('?x=1');
    q.k = 'v'.repeat(600_000);
    expect(q.get('k')).toHaveLength(600_000);
    expect(flushed()).toBe('?x=1');
    expect(q.get('k')).toHaveLength(600_000);
    expect(warnings.map(({ code }) => code)).toEqual(['url-too-long']);
    expect(warnings[0]?.message).toContain('the URL is too long; it stays in memory.');
    expect(warnings[0]?.message).not.toContain('vvv');
    delete q.k;
    q.a = 1;
    expect(flushed()).toBe('?x=1&a=1');
    q.k = 'v'.repeat(9_000);
    expect(flushed()).toBe(`?x=1&a=1&k=${'v'.repeat(9_000)}`);
    expect(warnings.map(({ code }) => code)).toEqual(['url-too-long', 'long-url']);
  });

  it('[QRY-91] others are written meanwhile', () => {
    const { q, flushed, warnings } = fakePage();
    q.a = 1;
    q.k = 'v'.repeat(600_000);
    q.many = Array.from({ length: 1000 }, (_, i) => i);
    q.b = 2;
    expect(flushed()).toBe('?a=1&b=2');
    expect(q.get('k')).toHaveLength(600_000);
    expect(q.getAll('many')).toHaveLength(1000);
    delete q.b;
    delete q.a;
    delete q.k;
    expect(flushed()).toMatch(/^\?many=0&many=1&.*&many=999$/);
    expect(warnings.map(({ code }) => code)).toEqual(['url-too-long', 'long-url']);
  });

  it('[QRY-91] in the hash there is no server to refuse it', () => {
    const { q, flushed, warnings } = fakePage('', { source: 'hash' });
    q.k = 'v'.repeat(9_000);
    flushed();
    expect(warnings).toEqual([]);
  });

  it('[QRY-92] without a document: empty reads, forgotten writes', async () => {
    const { q, address, warnings } = fakePage();
    address.href = () => '';
    const heard = vi.fn();
    const stop = q.subscribe('a', heard);
    const now = vi.fn();
    q.ref('a').subscribe(now);
    expect(q.a).toBeUndefined();
    q.a = 1;
    expect(() => q.set('a', {} as never)).toThrow(/value for "a"/);
    expect(q.a).toBeUndefined();
    expect([...q]).toEqual([]);
    expect(q.href({ a: 1 })).toBe('?a=1');
    expect(q.href({})).toBe('');
    q.flush();
    await Promise.resolve();
    expect(address.calls).toEqual([]);
    expect(heard).not.toHaveBeenCalled();
    expect(now.mock.calls).toEqual([[undefined]]);
    expect(q.define({ page: 1 }).page).toBe(1);
    expect(warnings.map(({ code }) => code)).toEqual(['no-document']);
    stop();
  });
});
