// What a page pays before its first read: the script is compiled and run in a fresh realm, and reads one key.
import { type LineOptions, line, sink, suite } from './harness/suite.js';

/** Gives Chromium a processor that is so many times slower. */
declare const slowDown: (times: number) => Promise<void>;

const texts = new Map<string, string>();
let runs = 0;
let page: Window & { hasRead?: unknown };

const contender = (file: string) => ({
  before: async () => {
    if (!texts.has(file)) texts.set(file, await (await fetch(`/start-${file}`)).text());
    page = window.open('about:blank') as Window;
    // the first access of a document asks another process, for every library alike
    sink(page.sessionStorage.length);
  },
  run: () => {
    const script = page.document.createElement('script');
    // another text each time: engines keep what they have compiled
    script.text = `/* ${runs++} */${texts.get(file)}`;
    page.document.body.append(script);
  },
  after: () => {
    if (!page.hasRead) throw new Error(`${file} did not run`);
    page.close();
  },
});

const state = {
  'nanostores and persistent': contender('nanostores.js'),
  'zustand persist': contender('zustand.js'),
  valtio: contender('valtio.js'),
  store2: contender('store2.js'),
};
const lines: [string, LineOptions][] = [
  [
    'sessionState',
    { contenders: { tabstate: contender('session-state.js'), ...state }, targets: { 'nanostores and persistent': 2 } },
  ],
  [
    'the state tag',
    {
      contenders: { tabstate: contender('tabstate.state.min.js'), ...state },
      targets: { 'nanostores and persistent': 3 },
    },
  ],
  [
    'the whole tag',
    {
      contenders: { tabstate: contender('tabstate.min.js'), 'the stack of seven libraries': contender('stack.js') },
      targets: { 'the stack of seven libraries': 2 },
    },
  ],
];

export default suite(
  'start',
  lines.flatMap(([name, options]) => [
    line(`${name}, until its first read`, { ...options, perBatch: 1, rounds: 31 }),
    line(`${name}, with the processor four times slower`, {
      ...options,
      perBatch: 1,
      rounds: 21,
      engines: ['chromium'],
      setup: () => slowDown(4),
      teardown: () => slowDown(1),
    }),
  ]),
);
