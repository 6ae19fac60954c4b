// Reading and writing the URL's query.
import { createRouter } from '@nanostores/router';
import { createBrowserHistory } from '@tanstack/history';
import { useUrlSearchParams } from '@vueuse/core';
import { createLoader, createSerializer, parseAsInteger, parseAsString } from 'nuqs/server';
import qs from 'qs';
import queryString from 'query-string';
import { decodeQueryParams, NumberParam, StringParam } from 'use-query-params';
import { effectScope, nextTick } from 'vue';
import { createQueryParams, param } from '../src/index.js';
import { line, sink, suite } from './harness/suite.js';
import { mountQueryHooks, type QueryHooks } from './peers/query-hooks.js';

const q = createQueryParams();
const path = location.pathname;

/** Puts so many parameters into the URL. */
const fill = (count: number): void =>
  history.replaceState(
    null,
    '',
    `${path}?${Array.from({ length: count }, (_, i) => `key${i}=value+${i}`).join('&')}#hash`,
  );

/** History calls are limited in all browsers (100 in 10 s in WebKit): every line that makes some begins after a pause. */
const rested = (count: number) => async (): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 10_500));
  fill(count);
};

let peers:
  | {
      router: ReturnType<typeof createRouter<{ page: string }>>;
      stop(): void;
      vueuse: Record<string, string | string[]>;
      tanstack: ReturnType<typeof createBrowserHistory>;
    }
  | undefined;
let scope = effectScope();
const start = (): typeof peers => {
  // some write on every change of the URL, or patch history
  peers?.tanstack.destroy();
  peers?.stop();
  scope.stop();
  scope = effectScope();
  const router = createRouter({ page: path });
  const stop = router.listen(() => {});
  const vueuse = scope.run(() => useUrlSearchParams('history', { write: true }))!;
  return { router, stop, vueuse, tanstack: createBrowserHistory() };
};

const reads = [3, 30, 300].map((count) => {
  const key = `key${count >> 1}`;
  const plain: Record<string, string> = {};
  for (let i = 0; i < count; i++) plain[`key${i}`] = `value ${i}`;
  const load = createLoader({ [key]: parseAsString });
  return line(`read of a key at ${count} parameters`, {
    setup() {
      fill(count);
      peers = start();
    },
    contenders: {
      tabstate: () => sink(q[key]),
      'location.href and a property': () => {
        sink(location.href);
        sink(plain[key]);
      },
      URLSearchParams: () => sink(new URLSearchParams(location.search).get(key)),
      'query-string': () => sink(queryString.parse(location.search)[key]),
      qs: () => sink(qs.parse(location.search, { ignoreQueryPrefix: true, parameterLimit: 1000 })[key]),
      'nuqs loader': () => sink(load(location.search)),
      'use-query-params': () =>
        sink(decodeQueryParams({ [key]: StringParam }, Object.fromEntries(new URLSearchParams(location.search)))),
      '@tanstack/history, URLSearchParams': () => sink(new URLSearchParams(peers!.tanstack.location.search).get(key)),
      // copies that do not see what others write
      'vueuse (copy)': () => sink(peers?.vueuse[key]),
      '@nanostores/router (copy)': () => sink(peers?.router.get()?.search[key]),
    },
    targets: { 'location.href and a property': 3, URLSearchParams: { 3: 0.4, 30: 0.1, 300: 0.02 }[count] as number },
  });
});

const wholes = {
  tabstate: () => sink({ ...q }),
  toDict: () => sink(q.toDict()),
  'query-string': () => sink(queryString.parse(location.search)),
  URLSearchParams: () => sink(Object.fromEntries(new URLSearchParams(location.search))),
};
/** Another value of one parameter, by somebody else. */
const alter = (): void => history.replaceState(null, '', location.href.replace(/key150=[^&#]*/, `key150=value+${n++}`));

const view = q.define({ page: 1, tags: [] as string[], sort: param.oneOf(['asc', 'desc']) });
const serialize = createSerializer({ key15: parseAsInteger });
const loadPage = createLoader({ page: parseAsInteger.withDefault(1) });

const empty = new Proxy<Record<string, unknown>>(
  {},
  {
    set(_target, key, value) {
      values.set(key as string, value);
      return true;
    },
  },
);
const values = new Map<string, unknown>();
let n = 0;

let hooks: QueryHooks;
/** The search with one other value, through a parser and a writer of whole queries. */
const change = (write: (values: Record<string, unknown>) => string, values: object): string =>
  `${path}?${write({ ...values, key15: `${n++}` })}`;
const replace = (url: string): void => history.replaceState(history.state, '', url);
const withKey = (): string => {
  const search = new URLSearchParams(location.search);
  search.set('key15', `${n++}`);
  return `${path}?${search}`;
};
const setters: Record<string, (value: number) => unknown> = {
  nuqs: () => hooks.nuqs(n++),
  'use-query-params': () => hooks.useQueryParams(n++),
  vueuse: async () => {
    peers!.vueuse['key15'] = `${n++}`;
    await nextTick();
  },
  '@tanstack/history': () => {
    peers!.tanstack.replace(withKey());
    peers!.tanstack.flush();
  },
  '@nanostores/router': () => peers!.router.open(withKey(), true),
  'query-string': () => replace(change(queryString.stringify, queryString.parse(location.search))),
  qs: () => replace(change(qs.stringify, qs.parse(location.search, { ignoreQueryPrefix: true }))),
  URLSearchParams: () => replace(withKey()),
};
/** Of the segments of QRY-37, which no library owns, how many are not there any more, byte for byte. */
const changedBy = async (name: string, set: (value: number) => unknown): Promise<number> => {
  const foreign = 'flag&x=a%20b&y=%E4%A&2=b&1=a&d=1&d=2&__proto__=p&e=%zz&t=~*(!)'.split('&');
  replace(`${path}?${foreign.join('&')}&key15=0`);
  if (name === 'vueuse') peers = start();
  dispatchEvent(new PopStateEvent('popstate'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  try {
    await set(n++);
  } catch {
    // one that throws at such a query writes nothing of it
    return foreign.length;
  } finally {
    if (name === 'vueuse') setTimeout(() => scope.stop(), 300);
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  const now = location.search.slice(1).split('&');
  if (now.at(-1) === 'key15=0') return foreign.length;
  return foreign.filter((segment, i) => now[i] !== segment).length;
};

export default suite('query-params', [
  ...reads,
  line('300 parameters as an object', {
    setup: () => fill(300),
    contenders: wholes,
    targets: { 'query-string': 1 },
  }),
  line('300 parameters as an object, after a change of the URL', {
    setup: rested(300),
    perBatch: 1,
    engines: ['chromium', 'firefox'],
    contenders: Object.fromEntries(Object.entries(wholes).map(([name, run]) => [name, { before: alter, run }])),
    targets: { 'query-string': 1 },
  }),
  line('typed read', {
    setup: () => history.replaceState(null, '', `${path}?page=5&tags=a&tags=b&sort=asc`),
    contenders: {
      tabstate: () => sink(view.page),
      'untyped read': () => sink(q.page),
      'nuqs loader': () => sink(loadPage(location.search)),
      'use-query-params': () =>
        sink(decodeQueryParams({ page: NumberParam }, Object.fromEntries(new URLSearchParams(location.search)))),
    },
    targets: { 'untyped read': 1.5 },
  }),
  line('typed read of a list', {
    setup: () => history.replaceState(null, '', `${path}?page=5&tags=a&tags=b&sort=asc`),
    contenders: {
      tabstate: () => sink(view.tags),
      'untyped read': () => sink(q.tags),
      getAll: () => sink(q.getAll('tags')),
    },
    targets: { 'untyped read': 1.5 },
  }),
  line('1,000 sets in a task and flush', {
    setup: rested(0),
    perBatch: 1,
    contenders: {
      tabstate: () => {
        for (let i = 0; i < 1000; i++) q.i = n++;
        q.flush();
      },
      'one replaceState and 1,000 assignments': () => {
        for (let i = 0; i < 1000; i++) empty.i = n++;
        history.replaceState(history.state, '', `${path}?i=${n}`);
      },
    },
    targets: { 'one replaceState and 1,000 assignments': 3 },
  }),
  line('one set and flush at 30 parameters', {
    setup: rested(30),
    perBatch: 2,
    contenders: {
      tabstate: () => {
        q.key15 = n++;
        q.flush();
      },
      replaceState: () => history.replaceState(history.state, '', location.href.replace(/key15=[^&]*/, `key15=${n++}`)),
    },
    targets: { replaceState: { chromium: 2, firefox: 2, webkit: 4 } },
  }),
  line('one set and flush at 30 parameters, by the side of nuqs', {
    setup: rested(30),
    perBatch: 2,
    contenders: {
      tabstate: () => {
        q.key15 = n++;
        q.flush();
      },
      'nuqs serializer and replaceState': () => replace(serialize(location.search, { key15: n++ })),
    },
    targets: { 'nuqs serializer and replaceState': { chromium: 1, firefox: 1.5, webkit: 1 } },
  }),
  line('one set until the URL shows it, at 30 parameters', {
    setup: async () => {
      await rested(30)();
      peers = start();
      hooks = await mountQueryHooks('key15');
    },
    teardown: () => hooks.unmount(),
    perBatch: 1,
    rounds: 7,
    contenders: {
      tabstate: () => {
        q.key15 = n++;
        q.flush();
      },
      'tabstate, in its microtask': async () => {
        q.key15 = n++;
        await null;
      },
      ...setters,
    },
    targets: { nuqs: 1 },
  }),
  line('segments of others that a write changes or moves', {
    setup: async () => {
      await rested(0)();
      scope.stop();
      hooks = await mountQueryHooks('key15');
    },
    teardown: () => hooks.unmount(),
    measures: 'count',
    rounds: 1,
    contenders: Object.fromEntries(
      Object.entries({
        tabstate: (value: number) => {
          q.key15 = value;
          q.flush();
        },
        ...setters,
      }).map(([name, set]) => [name, () => changedBy(name, set)]),
    ),
    targets: { tabstate: 0 },
  }),
]);
