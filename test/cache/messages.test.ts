// Messages that a function sends while it runs, and their replay on a hit.
import { describe, expect, it, vi } from 'vitest';
import { emitter } from '../../src/cache/emitter.js';
import { running } from '../../src/cache/running.js';
import { withoutWarnings } from '../../src/core/warning.js';
import { UnserializableReturnValueError } from '../../src/errors.js';
import { deferred, failure, fakeTime, kinds, microtasks, testCache } from '../helpers/caches.js';

describe.each(kinds)('messages (%s)', (kind) => {
  it('[CAC-178] are live on the miss and replayed on a hit', async () => {
    const log: unknown[] = [];
    const foo = testCache().wrap(
      kind,
      (i: number) => {
        emitter()(i);
        return i;
      },
      { onMessage: (message: unknown) => log.push(message) },
    );
    await foo(1);
    log.push('---');
    await foo(1);
    expect(log).toEqual([1, '---', 1]);
  });

  it('[CAC-178] fifty joiners hear them fifty times', async () => {
    const log: unknown[] = [];
    const gate = deferred();
    const foo = testCache().wrap(
      kind,
      async () => {
        const emit = emitter();
        emit('a');
        await gate.promise;
        emit('b');
      },
      { onMessage: (message: unknown) => log.push(message) },
    );
    const calls = Array.from({ length: 50 }, () => foo());
    expect(log).toEqual(['a']);
    gate.resolve(0);
    await Promise.all(calls);
    expect(log.length).toBe(100);
    expect(log.slice(-2)).toEqual(['a', 'b']);
  });

  it('[CAC-179] of inner functions are recorded by the outer one', async () => {
    const log: unknown[] = [];
    const { wrap } = testCache();
    const inner = wrap(
      kind,
      async function inner(i: number) {
        emitter()(i);
      },
      { onMessage: (message: unknown) => log.push(message) },
    );
    const outer = wrap(
      kind,
      async function outer(i: number) {
        const emit = emitter();
        await inner(i);
        emit(i + 10);
      },
      { onMessage: (message: unknown) => log.push(message) },
    );
    await outer(1);
    await outer(1);
    log.push('---');
    await inner(2);
    await outer(2);
    log.push('---');
    await outer(3);
    await inner(3);
    expect(log).toEqual([1, 11, 1, 11, '---', 2, 2, 12, '---', 3, 13, 3]);
  });

  it('[CAC-179] go to the nearest caller that has a sink', async () => {
    const log: unknown[] = [];
    const { wrap } = testCache();
    const inner = wrap(kind, async function innerSilent(i: number) {
      emitter()(i);
    });
    const outer = wrap(
      kind,
      async function outerSink(i: number) {
        await inner(i);
      },
      { onMessage: (message: unknown) => log.push(message) },
    );
    await inner(1);
    expect(log).toEqual([]);
    await outer(1);
    await outer(1);
    await outer(2);
    expect(log).toEqual([1, 1, 2]);
  });

  it.each<[string, () => ((log: (text: string) => void) => (...args: any[]) => any)[], object]>([
    ['of none', () => [(tell) => async () => tell('a'), (tell) => async () => tell('b')], {}],
    [
      'of one name',
      () => [
        (tell) =>
          async function load() {
            tell('a');
          },
        (tell) =>
          async function load() {
            tell('b');
          },
      ],
      {},
    ],
    [
      'minified',
      () => ['a', 'b'].map((text) => (tell) => new Function('t', 'x', 'return async function e(){t(x)}')(tell, text)),
      {},
    ],
    ['of one `name`', () => ['a', 'b'].map((text) => (tell) => async () => tell(text)), { name: 'load' }],
  ])('[CAC-234] each of two functions hears its own (%s)', async (_of, makes, options) => {
    const log: string[] = [];
    const { wrap } = testCache();
    const [f, g] = makes().map((make, i) =>
      wrap(
        kind,
        make((text) => emitter()(text)),
        { ...options, onMessage: (text: unknown) => log.push(`${i ? 'B' : 'A'}:${text}`) },
      ),
    );
    const texts = Object.keys(options).length > 0 ? ['A:a', 'B:a'] : ['A:a', 'B:b'];
    for (let n = 0; n < 2; n++) {
      log.length = 0;
      await f!();
      await g!();
      expect(log).toEqual(texts);
    }
    // both within another function of the same name, with no sink and with one
    for (const onMessage of [null, (text: unknown) => log.push(`C:${text}`)]) {
      const outer = wrap(
        kind,
        async function load() {
          await Promise.all([f!(), g!()]);
          return 1;
        },
        { onMessage },
      );
      for (let n = 0; n < 3; n++) {
        log.length = 0;
        await outer();
        expect(log).toEqual(texts);
      }
    }
  });

  it('[CAC-234] what a function without a sink emits goes to the caller of that moment', async () => {
    const log: string[] = [];
    const { wrap } = testCache();
    const inner = wrap(kind, async (i: number) => emitter()(i), {});
    const [one, two] = ['one', 'two'].map((name) =>
      wrap(kind, async (i: number) => inner(i), { onMessage: (i: unknown) => log.push(`${name} ${i}`) }),
    );
    await one!(1);
    await two!(1);
    await inner(1);
    await one!(1);
    await two!(1);
    expect(log).toEqual(['one 1', 'two 1', 'one 1', 'two 1']);
  });

  it('[CAC-180] reach the sink in the order of emission, each time', async () => {
    const places: string[] = [];
    let container = 'main';
    const f = testCache().wrap(
      kind,
      () => {
        const emit = emitter();
        emit({ open: 'column' });
        emit('text');
      },
      {
        onMessage(message: { open?: string } | string) {
          if (typeof message === 'object') container = `${container}/${message.open}`;
          else places.push(`${container}: ${message}`);
        },
      },
    );
    await f();
    container = 'sidebar';
    await f();
    expect(places).toEqual(['main/column: text', 'sidebar/column: text']);
  });

  it('[CAC-181] that cannot be stored throw where they are emitted', async () => {
    const f = testCache().wrap(
      kind,
      () => {
        emitter()(() => {});
      },
      { name: 'teller' },
    );
    const error = await failure(() => f());
    expect(error).toBeInstanceOf(UnserializableReturnValueError);
    expect(error).toMatchObject({ functionName: 'teller', typeName: 'function' });
    expect(error.message).toContain('message');
    const g = testCache().wrap(kind, () => emitter()(document.createElement('p')));
    expect(await failure(() => g())).toBeInstanceOf(UnserializableReturnValueError);
  });

  it('[CAC-182] repeat what was true when they were emitted', async () => {
    const shown: unknown[] = [];
    let n = 0;
    const f = testCache().wrap(
      kind,
      () => {
        n++;
        emitter()(n);
        return n;
      },
      { onMessage: (message: unknown) => shown.push(message) },
    );
    expect([await f(), await f()]).toEqual([1, 1]);
    expect(shown).toEqual([1, 1]);
  });

  it('[CAC-183] of a failing run are live and not recorded', async () => {
    const log: unknown[] = [];
    let n = 0;
    const f = testCache().wrap(
      kind,
      async () => {
        emitter()(`try ${++n}`);
        if (n < 3) throw new Error('no');
      },
      { onMessage: (message: unknown) => log.push(message) },
    );
    await failure(() => f());
    await failure(() => f());
    expect(log).toEqual(['try 1', 'try 2']);
    await f();
    await f();
    expect(log).toEqual(['try 1', 'try 2', 'try 3', 'try 3']);
  });

  it('[CAC-184] of interleaved bodies never mix', async () => {
    const log: unknown[] = [];
    const gates = [deferred(), deferred(), deferred()];
    const f = testCache().wrap(
      kind,
      async (i: number) => {
        const emit = emitter();
        emit(`${i} begins`);
        await gates[i]!.promise;
        emit(`${i} ends`);
      },
      { onMessage: (message: unknown) => log.push(message) },
    );
    const calls = [f(0), f(1), f(2)];
    for (const i of [2, 0, 1]) {
      gates[i]!.resolve(0);
      await microtasks();
    }
    await Promise.all(calls);
    for (const i of [0, 1, 2]) {
      log.length = 0;
      await f(i);
      expect(log).toEqual([`${i} begins`, `${i} ends`]);
    }
  });

  it('[CAC-186] deps and messages go together', async () => {
    const log: unknown[] = [];
    let slider = 3;
    let runs = 0;
    const f = testCache().wrap(
      kind,
      () => {
        runs++;
        emitter()(`slider ${slider}`);
      },
      { deps: () => [slider], onMessage: (message: unknown) => log.push(message) },
    );
    await f();
    slider = 4;
    await f();
    slider = 3;
    await f();
    expect(runs).toBe(2);
    expect(log).toEqual(['slider 3', 'slider 4', 'slider 3']);
  });

  it('after the end of a run are not recorded', async () => {
    const log: unknown[] = [];
    let emit!: (message: unknown) => void;
    const f = testCache().wrap(
      kind,
      async () => {
        emit = emitter();
        emit('in time');
      },
      { onMessage: (message: unknown) => log.push(message) },
    );
    await f();
    emit('late');
    log.length = 0;
    await f();
    expect(log).toEqual(['in time']);
  });

  it('of a background refresh are recorded, not shown live', async () => {
    const time = fakeTime();
    const log: unknown[] = [];
    let n = 0;
    const f = testCache().wrap(
      kind,
      () => {
        emitter()(++n);
      },
      { ttl: 10, refreshMode: 'background', onMessage: (message: unknown) => log.push(message) },
    );
    await f();
    time.to(10);
    await f();
    await microtasks();
    await f();
    expect(log).toEqual([1, 1, 2]);
    vi.useRealTimers();
  });
});

describe('emitter', () => {
  it('goes nowhere outside of a cached function, with one warning', async () => {
    // a test before this one in the same page may have been told
    await withoutWarnings(async () => {});
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    emitter()('lost');
    emitter()('lost again');
    expect(warn.mock.calls.length).toBe(1);
    expect(String(warn.mock.calls[0])).toContain('emitter');
    warn.mockRestore();
  });

  it('[CAC-185] the binding sees which body runs, in its synchronous part only', async () => {
    const seen: unknown[] = [];
    const { wrap } = testCache();
    const inner = wrap('data', async () => seen.push(running.functionName), { name: 'inner' });
    const outer = wrap(
      'data',
      async () => {
        seen.push(running.functionName);
        const promise = inner();
        seen.push(running.functionName);
        await promise;
        seen.push(running.functionName);
      },
      { name: 'outer' },
    );
    await outer();
    expect(seen).toEqual(['outer', 'inner', 'outer', undefined]);
    expect(running.functionName).toBeUndefined();
  });
});
