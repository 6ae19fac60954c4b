// An hour of use, with time sixty times as fast: parameters, controls that are bound and let go, refs and computed values that
// come and go, results through the limits, resources, and other tabs that open and close. What the page holds of the platform
// is counted and must be flat. SOAK=1 takes the whole hour (a minute), otherwise some rounds are enough to show a leak.
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { inEngines } from '../tools/in-engines.js';
import { server } from '../tools/server.mjs';
import { launch } from '../tools/tabs.mjs';

const rounds = process.env.SOAK ? 240 : 16;

/** Counts what is open; before the library, which asks late for everything. */
const counting = `<script>
  window.errors = [];
  addEventListener('unhandledrejection', (event) => errors.push('rejection: ' + event.reason));
  addEventListener('error', (event) => errors.push('error: ' + event.message));
  const started = Date.now();
  const { now } = Date, tick = performance.now.bind(performance), { setTimeout: wait, clearTimeout: stop } = window;
  Date.now = () => started + 60 * (now() - started);
  performance.now = () => 60 * tick();
  const pending = new Set(), channels = new Set(), connections = new Set(), heard = new Map();
  window.setTimeout = (run, ms = 0, ...rest) => {
    // answers of the storage keep their time, and so does WebKit's driver, which waits 30 s for a script
    const timer = wait(() => { pending.delete(timer); run(...rest); }, ms > 2000 && ms !== 30_000 ? ms / 60 : ms);
    pending.add(timer);
    return timer;
  };
  window.clearTimeout = (timer) => { pending.delete(timer); stop(timer); };
  const Channel = window.BroadcastChannel;
  window.BroadcastChannel = class extends Channel {
    constructor(name) { super(name); channels.add(this); }
    close() { channels.delete(this); super.close(); }
  };
  const { open } = IDBFactory.prototype;
  IDBFactory.prototype.open = function (...args) {
    const request = open.apply(this, args);
    request.addEventListener('success', () => connections.add(request.result));
    return request;
  };
  const { close } = IDBDatabase.prototype;
  IDBDatabase.prototype.close = function () { connections.delete(this); close.call(this); };
  for (const [method, step] of [['addEventListener', 1], ['removeEventListener', -1]]) {
    const original = EventTarget.prototype[method];
    EventTarget.prototype[method] = function (type, listener, options) {
      if (this === window || this === document || this === undefined) {
        const key = type + ' ' + (this === document);
        heard.set(key, (heard.get(key) ?? 0) + step);
      }
      return original.call(this ?? window, type, listener, options);
    };
  }
  window.held = async () => {
    const locks = navigator.locks ? await navigator.locks.query() : { held: [], pending: [] };
    return {
      timers: pending.size, channels: channels.size, connections: connections.size,
      locks: locks.held.length + locks.pending.length,
      listeners: [...heard.values()].reduce((sum, n) => sum + n, 0),
      handles: made - released, nodes: document.querySelectorAll('*').length,
    };
  };
</script>`;

const page = `<!doctype html><html lang="en"><title>soak</title>${counting}<script src="/tabstate.min.js"></script><main></main><script>
  let made = 0, released = 0;
  const { bind, cacheData, cacheResource, computed, context, queryParams, sessionState } = tabstate;
  const view = queryParams.define({ page: 1, q: '' });
  const rows = cacheData(async (n) => ({ n, text: 'x'.repeat(200) }), { name: 'rows', maxEntries: 50, ttl: '10 min' });
  const brief = cacheData(async (n) => n, { name: 'brief', ttl: '1 min', persist: false });
  const handles = cacheResource((n) => { made++; return { n }; }, { maxEntries: 5, onRelease: () => void released++ });
  const main = document.querySelector('main');
  const nothing = () => {};
  window.round = async (n) => {
    main.innerHTML = '<form><input data-key=name data-param=q><select data-key=size><option>1<option>2</select></form>';
    const ends = [bind(sessionState, main), bind(queryParams, main)];
    const refs = [sessionState.ref('name', ''), queryParams.ref('q'), view.ref('page'), context.ref('theme'), rows.ref(n), brief.ref(n),
      computed(sessionState.ref('list', []), (list) => list.length)];
    for (const ref of refs) ends.push(ref.subscribe(nothing), ref.listen(nothing));
    for (const fn of [rows, brief, handles]) ends.push(fn.subscribe(nothing));
    sessionState.list = [n];
    sessionState.list.push(n);
    const input = main.querySelector('input');
    input.value = 'n' + n % 7;
    input.dispatchEvent(new Event('input', { bubbles: true }));
    view.page = n % 5 + 1;
    await Promise.all(Array.from({ length: 100 }, (_, i) => Promise.all([rows(n * 50 + i), brief(n * 50 + i)])));
    for (let i = 0; i < 20; i++) handles(n * 10 + i);
    if (n % 4 === 0) await rows.clear();
    if (n % 5 === 0) brief.clear();
    await rows.refresh(n);
    for (const end of ends) end();
    main.textContent = '';
    await rows.info();
  };
</script></html>`;

inEngines('an hour of use', (engine) => {
  let web: Awaited<ReturnType<typeof server>>;
  let browser: Awaited<ReturnType<typeof launch>>;
  beforeAll(async () => {
    web = await server({ '/page': page }, { root: path.resolve('dist') });
    browser = await launch(engine);
  });
  afterAll(async () => {
    await browser.close();
    web.close();
  });

  it('leaves as many listeners, channels, connections, locks, timers and handles as it found', {
    timeout: 300_000,
  }, async () => {
    const tab = await browser.newTab();
    await tab.goto(`${web.url}/page`);
    const devtools = engine === 'chromium' ? await tab.page.createCDPSession() : undefined;
    const heap = async (): Promise<number> => {
      for (let i = 0; i < 3; i++) await devtools.send('HeapProfiler.collectGarbage');
      return (await devtools.send('Runtime.getHeapUsage')).usedSize / 1024;
    };
    let n = 1;
    const use = async (count: number): Promise<void> => {
      for (const end = n + count; n < end; n += 8) {
        await tab.eval(`(async () => { for (let n = ${n}; n < ${n + 8}; n++) await round(n); })()`);
        // another tab comes, shares everything, and goes
        const other = await browser.newTab();
        await other.goto(`${web.url}/page`);
        await other.eval(`round(${n})`);
        await other.close();
      }
    };
    // what is made once, and what the engine compiles
    await use(16);
    const atRest = async (): Promise<Record<string, number>> => {
      let held: Record<string, number> = {};
      // the sweep holds a lock while it works
      await vi.waitFor(async () => expect((held = await tab.eval('held()'))['locks']).toBe(0), 10_000);
      return held;
    };
    const before = await atRest();
    const heapBefore = devtools && (await heap());
    await use(rounds);
    // the timers of the sweep and of touches come and go
    const { timers, ...rest } = await atRest();
    const { timers: timersBefore, ...restBefore } = before;
    expect(rest).toEqual(restBefore);
    expect(timers).toBeLessThanOrEqual((timersBefore as number) + 3);
    expect(rest['handles']).toBeLessThanOrEqual(5);
    if (devtools) expect((await heap()) - (heapBefore as number)).toBeLessThan(400);
    expect(await tab.eval('errors')).toEqual([]);
    await vi.waitFor(async () =>
      expect(await tab.eval('rows.info().then(({ entries }) => entries)')).toBeLessThanOrEqual(50),
    );
    await tab.close();
  });
});
