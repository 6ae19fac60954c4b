// no window, no document: plain Node
import { afterEach, describe, expect, it, vi } from 'vitest';

describe('sessionState on a server', () => {
  afterEach(() => {
    vi.resetModules();
    vi.restoreAllMocks();
    // the page's instances outlive the module: the next import is to be the first one
    const page = (globalThis as unknown as Record<symbol, Record<string, unknown>>)[Symbol.for('tabstate.v1')];
    delete page?.sessionState;
    Reflect.deleteProperty(globalThis, 'sessionStorage');
    Reflect.deleteProperty(globalThis, 'WorkerGlobalScope');
  });

  it('[SES-73] a ref shows its initial value, and nothing is stored or warned of', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { createSessionState, sessionState } = await import('../../src/index.js');
    const ref = sessionState.ref('n', 5);
    expect([ref.get(), ref.init]).toEqual([5, 5]);
    const heard = vi.fn();
    ref.subscribe(heard)();
    expect(heard.mock.calls).toEqual([[5]]);
    expect(warn).not.toHaveBeenCalled();
    expect(Object.keys(sessionState)).toEqual([]);
    const own = createSessionState({ onWarning: () => {} });
    own['n'] = 7;
    expect([own.ref('n', 5).get(), own.ref('m', [1]).get(), Object.keys(own)]).toEqual([7, [1], ['n']]);
    const list = own.ref('list', [1]);
    list.value.push(2);
    expect([list.get(), own['list']]).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it.each([false, true])(
    '[SES-55] works in memory and warns once; with a sessionStorage global: %s',
    async (hasGlobal) => {
      const touched = vi.fn();
      if (hasGlobal)
        Object.defineProperty(globalThis, 'sessionStorage', {
          configurable: true,
          get() {
            touched();
            throw new Error('must not be asked');
          },
        });
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
      const { createSessionState, sessionState } = await import('../../src/index.js');
      expect(warn).not.toHaveBeenCalled();
      sessionState.count ??= 0;
      sessionState.list ??= [1];
      (sessionState.list as number[]).push(2);
      const heard = vi.fn();
      sessionState.subscribe('count', heard);
      sessionState.count = 1;
      await Promise.resolve();
      sessionState.flush();
      expect(sessionState.toDict()).toEqual({ count: 1, list: [1, 2] });
      expect(heard.mock.calls).toEqual([[1, 0]]);
      expect(sessionState.ref('r', 5).get()).toBe(5);
      expect(touched).not.toHaveBeenCalled();
      expect(warn.mock.calls.map(([message]) => message)).toEqual([expect.stringMatching(/visitors.*\(no-document\)/)]);
      // one state per request is the advice: it does not fill the log
      for (let request = 0; request < 3; request++) createSessionState().n = request;
      expect(warn).toHaveBeenCalledTimes(1);
      const codes: string[] = [];
      const own = createSessionState({ onWarning: ({ code }) => codes.push(code) });
      own.n = 1;
      own.m = 1;
      expect([codes, own.toDict(), sessionState.has('n')]).toEqual([['no-document'], { n: 1, m: 1 }, false]);
    },
  );

  it('[SES-55] speaks of no server and no visitors in a worker', async () => {
    Object.defineProperty(globalThis, 'WorkerGlobalScope', { configurable: true, value: class {} });
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { sessionState } = await import('../../src/index.js');
    sessionState.n = 1;
    const [message] = warn.mock.calls[0] as [string];
    expect(message).toContain('(no-document)');
    expect(message).not.toMatch(/server|visitor|request/);
  });
});
