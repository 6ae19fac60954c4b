// How many writes of the URL a browser takes, and who loses none; takes minutes.
import { createRouter } from '@nanostores/router';
import { createBrowserHistory } from '@tanstack/history';
import { useUrlSearchParams } from '@vueuse/core';
import { effectScope } from 'vue';
import { createQueryParams } from '../src/index.js';
import { line, suite } from './harness/suite.js';
import { mountQueryHooks, type QueryHooks, untilInUrl } from './peers/query-hooks.js';

// Minutes per engine: what becomes of the last value where browsers limit history calls. Asked for by name only.

const q = createQueryParams();
const path = location.pathname;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const raw = History.prototype.replaceState;

let hooks: QueryHooks;
let vueuse: Record<string, string | string[]>;
let tanstack: ReturnType<typeof createBrowserHistory>;
let nanostores: ReturnType<typeof createRouter<{ page: string }>>;
const scope = effectScope();
const withKey = (value: number): string => {
  const search = new URLSearchParams(location.search);
  search.set('k', `${value}`);
  return `${path}?${search}`;
};
let isMounted = false;
const mount = async (): Promise<void> => {
  if (isMounted) return;
  isMounted = true;
  history.replaceState(null, '', path);
  hooks = await mountQueryHooks('k');
  vueuse = scope.run(() => useUrlSearchParams('history', { write: true, writeMode: 'replace' }))!;
  tanstack = createBrowserHistory();
  nanostores = createRouter({ page: path });
  nanostores.listen(() => {});
};

const setters: Record<string, (value: number) => unknown> = {
  tabstate: (value) => {
    q.k = value;
  },
  nuqs: (value) => hooks.nuqs(value),
  'use-query-params': (value) => hooks.useQueryParams(value),
  vueuse: (value) => {
    vueuse['k'] = `${value}`;
  },
  '@tanstack/history': (value) => tanstack.replace(withKey(value)),
  '@nanostores/router': (value) => nanostores.open(withKey(value), true),
  URLSearchParams: (value) => history.replaceState(history.state, '', withKey(value)),
};
/** What a library throws or rejects with is no answer; the URL is. */
const quietly = (set: (value: number) => unknown, value: number): void => {
  try {
    (set(value) as Promise<unknown> | undefined)?.catch?.(() => {});
  } catch {
    // refused by the browser
  }
};
/** Engines count in windows of 10 s, Safari before 17 of 30. */
const rest = async (): Promise<void> => {
  await sleep(11_000);
  raw.call(history, null, '', path);
};
const contenders = (run: (set: (value: number) => unknown) => Promise<number>) =>
  Object.fromEntries(Object.entries(setters).map(([name, set]) => [name, { before: rest, run: () => run(set) }]));

let n = 1000;
const slider = (isAlone: boolean) => async (set: (value: number) => unknown) => {
  const start = performance.now();
  let mark = 0;
  const other = isAlone
    ? undefined
    : setInterval(() => {
        try {
          raw.call(history, { mark }, '', `#${mark++}`);
        } catch {
          // the slider has used it all up
        }
      }, 250);
  while (performance.now() - start < 12_000) {
    quietly(set, ++n);
    await sleep(1000 / 60 - 2);
  }
  clearInterval(other);
  return untilInUrl(`k=${n}`, 5_000);
};
const exhausted = async (set: (value: number) => unknown): Promise<number> => {
  for (let i = 0; i < 1300; i++)
    try {
      raw.call(history, null, '', `?raw=${i}`);
    } catch {
      // used up
    }
  quietly(set, ++n);
  return untilInUrl(`k=${n}`, 14_000);
};

/** ms until the URL has the last value. */
const untilRight = (name: string, run: Parameters<typeof contenders>[0], most: number) =>
  line(`${name}: until the URL has it`, {
    setup: mount,
    rounds: 1,
    measures: 'ms',
    contenders: contenders(run),
    targets: { tabstate: most },
  });

export default suite('query-params-limits', [
  untilRight('the last of 60 sets a second for 12 s, alone', slider(true), 1500),
  untilRight('the last of 60 sets a second for 12 s, beside a second script at 4 a second', slider(false), 1500),
  untilRight('one set over an exhausted budget', exhausted, 12_000),
]);
