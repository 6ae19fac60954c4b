// context and setCookie, against the platform, js-cookie and universal-cookie.
import cookies from 'js-cookie';
import { context, createContext, setCookie } from 'tabstate';
import UniversalCookies from 'universal-cookie';
import { type Contender, line, sink, suite } from './harness/suite.js';

/** Cookies `c0` … and what a page would write by hand to read them. */
const fill = (count: number) => (): void => {
  clear();
  for (let i = 0; i < count; i++) document.cookie = `c${i}=value%20${i}; path=/`;
};
function clear(): void {
  for (const pair of document.cookie.split('; ')) document.cookie = `${pair.split('=')[0]}=; path=/; max-age=0`;
}
const byHand = (text: string): Map<string, string> =>
  new Map(
    text.split('; ').map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))];
    }),
  );
let keptText = '';
let kept = new Map<string, string>();
const readKept = (name: string): string | undefined => {
  const text = document.cookie;
  if (text !== keptText) {
    keptText = text;
    kept = byHand(text);
  }
  return kept.get(name);
};
const universal = new UniversalCookies(null, { path: '/' });

const readOne = (count: number, share: number) =>
  line(`one of ${count} cookies is read, unchanged text`, {
    setup: fill(count),
    teardown: clear,
    contenders: {
      tabstate: () => sink(context.cookies[`c${count - 1}`]),
      'document.cookie, parse kept by hand': () => sink(readKept(`c${count - 1}`)),
      'js-cookie get': () => sink(cookies.get(`c${count - 1}`)),
      'universal-cookie get': () => sink(universal.get(`c${count - 1}`)),
    },
    targets: { 'document.cookie, parse kept by hand': 1.05, 'js-cookie get': share },
  });

let turn = 0;
/** Writes go to another process: a read waits for them, so that no contender pays for those of the one before. */
const set = (run: () => unknown): Contender => ({
  before: () => sink(document.cookie),
  run,
  after: () => sink(document.cookie),
});
/** Another text each time, without what a write costs. */
const changing = { defaultView: window } as unknown as Document;
const texts = [0, 1].map((n) => Array.from({ length: 50 }, (_, i) => `c${i}=value%20${i + n}`).join('; '));
Object.defineProperty(changing, 'cookie', { get: () => texts[++turn % 2] });
const changed = createContext({ document: () => changing });
// js-cookie reads the page's document only: its work on the same text
const likeJsCookie = (text: string): Record<string, string> => {
  const jar: Record<string, string> = {};
  for (const pair of text.split('; ')) {
    const parts = pair.split('=');
    const name = decodeURIComponent(parts[0] as string);
    if (!(name in jar)) jar[name] = cookies.converter.read?.(parts.slice(1).join('='), name) as string;
  }
  return jar;
};

const metas: HTMLMetaElement[] = [];
const format = new Intl.DateTimeFormat();
sink(format);
const query = matchMedia('(prefers-color-scheme: dark)');

export default suite('context', [
  readOne(5, 0.7),
  readOne(50, 0.4),
  line('the first read of 50 cookies after a change, without what the platform takes', {
    contenders: {
      tabstate: () => sink(changed.cookies['c49']),
      'split and decode by hand': () => sink(byHand(texts[++turn % 2] as string).get('c49')),
      "js-cookie's parse": () => sink(likeJsCookie(texts[++turn % 2] as string)['c49']),
    },
    targets: { 'split and decode by hand': 1.5, "js-cookie's parse": 1 },
  }),
  line('a cookie is set', {
    setup: clear,
    teardown: clear,
    contenders: {
      tabstate: set(() => setCookie('set', `value ${++turn % 9}`)),
      'document.cookie =': set(() => {
        document.cookie = `set=${encodeURIComponent(`value ${++turn % 9}`)}; path=/; sameSite=Lax`;
      }),
      'js-cookie set': set(() => sink(cookies.set('set', `value ${++turn % 9}`, { sameSite: 'Lax' }))),
      'universal-cookie set': set(() => universal.set('set', `value ${++turn % 9}`, { path: '/', sameSite: 'lax' })),
    },
    perBatch: 500,
    rounds: 41,
    targets: { 'document.cookie =': 1.3, 'js-cookie set': 1.1 },
  }),
  line('locale', {
    contenders: { tabstate: () => sink(context.locale), 'navigator.language': () => sink(navigator.language) },
    targets: { 'navigator.language': 2 },
    enough: 0.3,
  }),
  line('url', {
    contenders: {
      tabstate: () => sink(context.url),
      'location.origin + pathname': () => sink(location.origin + location.pathname),
    },
    targets: { 'location.origin + pathname': 2 },
    enough: 0.3,
  }),
  line('timezoneOffset', {
    contenders: {
      tabstate: () => sink(context.timezoneOffset),
      'new Date().getTimezoneOffset()': () => sink(new Date().getTimezoneOffset()),
    },
    targets: { 'new Date().getTimezoneOffset()': 2 },
    enough: 0.3,
  }),
  line('timezone, repeated', {
    contenders: {
      tabstate: () => sink(context.timezone),
      'new Intl.DateTimeFormat()': () => sink(new Intl.DateTimeFormat().resolvedOptions().timeZone),
    },
    targets: { 'new Intl.DateTimeFormat()': 0.02 },
  }),
  line('theme.type', {
    contenders: {
      tabstate: () => sink(context.theme.type),
      'getComputedStyle and a kept query': () =>
        sink(getComputedStyle(document.documentElement).colorScheme === 'dark' || query.matches),
    },
    targets: { 'getComputedStyle and a kept query': 1.3 },
  }),
  line('one of 20 metas', {
    setup: () => {
      for (let i = 0; i < 20; i++) {
        const meta = document.createElement('meta');
        meta.name = `x-header-${i}`;
        meta.content = `${i}`;
        metas.push(meta);
        document.head.append(meta);
      }
    },
    teardown: () => {
      for (const meta of metas.splice(0)) meta.remove();
    },
    contenders: {
      tabstate: () => sink(context.headers['X-Header-19']),
      'a loop over the head': () => {
        for (const meta of document.head.querySelectorAll('meta'))
          if (meta.name.toLowerCase() === 'x-header-19') return sink(meta.content);
      },
    },
    targets: { 'a loop over the head': 1.3 },
  }),
]);
