// Abort signals of another frame.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deferred, failure, testCache } from '../helpers/caches.js';

let frame: HTMLIFrameElement;
beforeAll(() => {
  frame = document.createElement('iframe');
  document.body.append(frame);
});
afterAll(() => frame.remove());

/** Evaluated in an iframe, which has classes of its own. */
const foreign = <T>(code: string): T => (frame.contentWindow as unknown as { eval(code: string): T }).eval(`(${code})`);

describe("signals of another realm's AbortController", () => {
  const setUp = () => {
    const run = deferred<number>();
    const seen: unknown[] = [];
    const f = testCache().wrap('data', (...args: unknown[]) => {
      seen.push(...args);
      return run.promise;
    });
    return { f, run, seen };
  };
  const controller = (): AbortController => foreign('new AbortController()');

  it.each([
    ['an argument', (signal: AbortSignal) => signal],
    ['of a plain object', (signal: AbortSignal) => ({ signal })],
    [
      'of a plain object of that realm',
      (signal: AbortSignal) => foreign<(signal: AbortSignal) => object>('(signal) => ({ signal })')(signal),
    ],
  ])('[CAC-238] %s: its caller rejects, others are served', async (_name, give) => {
    const { f, run } = setUp();
    const { signal, abort } = ((c) => ({ signal: c.signal, abort: () => c.abort('enough') }))(controller());
    const gone = f(give(signal)) as Promise<unknown>;
    const stays = f(give(controller().signal)) as Promise<unknown>;
    abort();
    expect(await failure(() => gone)).toBe('enough');
    run.resolve(1);
    expect(await stays).toBe(1);
  });

  it('[CAC-238] the function gets the signal of its flight, which aborts with the last caller', async () => {
    const { f, seen } = setUp();
    const c = controller();
    const call = f(c.signal) as Promise<unknown>;
    expect(seen[0]).toBeInstanceOf(AbortSignal);
    expect(seen[0]).not.toBe(c.signal);
    c.abort('enough');
    expect(await failure(() => call)).toBe('enough');
    expect((seen[0] as AbortSignal).aborted).toBe(true);
  });

  it('[CAC-238] an argument that refuses to tell what it is, and is ignored', async () => {
    const refuse = (): never => {
      throw new Error('no');
    };
    const proxy = new Proxy({}, { getPrototypeOf: refuse, getOwnPropertyDescriptor: refuse });
    const f = testCache().wrap('data', (_proxy: unknown, x: number) => x, { ignore: [0] });
    expect([await f(proxy, 1), await f(1, 1)]).toEqual([1, 1]);
  });
});
