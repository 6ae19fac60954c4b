// Reading, writing and looking at the state of a tab.
import { persistentAtom, setPersistentEngine } from '@nanostores/persistent';
import store2 from 'store2';
import superjson from 'superjson';
import { createSessionState, type SessionState } from 'tabstate';
import { proxy, subscribe } from 'valtio/vanilla';
import { createJSONStorage, persist } from 'zustand/middleware';
import { createStore } from 'zustand/vanilla';
import { valueTextOf } from '../src/core/values/text.js';
import { classes } from '../src/registered-classes.js';
import { line, sink, suite } from './harness/suite.js';

const area = sessionStorage;
setPersistentEngine(area as never, { addEventListener() {}, removeEventListener() {}, perKey: false } as never);

let count = 0;
const state = (): SessionState => createSessionState({ prefix: `bench${count++}:` });
/** An atom that is mounted, so that it stores what it is given. */
const atom = <T>(key: string, initial: T) => {
  const made = persistentAtom<T>(key, initial, { encode: JSON.stringify, decode: JSON.parse });
  made.listen(() => {});
  return made;
};
const zustand = <T extends object>(name: string, initial: T) =>
  createStore(persist(() => initial, { name, storage: createJSONStorage(() => area) }));
/** valtio, stored by its documented recipe. */
const valtio = <T extends object>(name: string, initial: T): T => {
  const made = proxy(initial);
  subscribe(made, () => area.setItem(name, JSON.stringify(made)));
  return made;
};
const rows = (length: number) =>
  Array.from({ length }, (_, id) => ({
    id,
    name: `row number ${id}`,
    tags: ['a', 'b'],
    open: id % 2 === 0,
    size: id / 3,
  }));
const megabyte = () => rows(11_600);
const small = { name: 'Ada', age: 36, tags: ['x', 'y'] };
const nested = () => ({ user: { name: 'Ada', address: { city: 'London', zip: 'W1' } }, list: rows(10) });

const read = state();
read.update({ n: 1, o: structuredClone(small) });
read.flush();
area.setItem('raw:o', JSON.stringify(small));
const readValtio = valtio('valtio:read', { o: structuredClone(small), n: 1 });
const readAtom = atom('atom:read', structuredClone(small));
const readRef = read.ref('o');
const raw = () => JSON.parse(area.getItem('raw:o') as string);
const reading = { raw: () => sink(raw()), valtio: () => sink(readValtio.o), nanostores: () => sink(readAtom.get()) };
/** A nanostores `get()` is what `ref.get()` is measured by, valtio's property what reading a state is. */
const readingTargets = { raw: 0.1, valtio: 1.2 };

let n = 0;
const set = state();
const setAtom = atom('atom:set', 0);
const setZustand = zustand('zustand:set', { n: 0 });
const setValtio = valtio('valtio:set', { n: 0 });
const flushed = state();
flushed.update({ a: structuredClone(small), b: structuredClone(small) });

const beside = state();
const alone = state();
const large = rows(1180);
beside.large = large;
const besideZustand = zustand('zustand:beside', { n: 0, large: structuredClone(large) });

const deep = state();
deep.o = nested();
deep.flush();
const deepMemory = nested();
const deepValtio = valtio('valtio:deep', nested());
const deepZustand = zustand('zustand:deep', nested());
const deepAtom = atom('atom:deep', nested());
type Nested = ReturnType<typeof nested>;
function readsAndWrites(root: () => Nested): void {
  for (let i = 0; i < 20; i++) sink(root().user.address.city.length + (root().list[i % 10] as { id: number }).id);
  for (let i = 0; i < 10; i++) (root().list[i] as { id: number }).id = n++;
}

const readers = state();
readers.update({ a: structuredClone(small), b: structuredClone(small), c: structuredClone(small) });
readers.flush();

const plain = megabyte();
let plainCopy: typeof plain;
function copyPlain(): void {
  plainCopy = structuredClone(plain);
  plainCopy[0]!.id = n++;
}
const big = state();
const text = valueTextOf(classes);
const hundredBytes = { id: 17, name: 'a small object', tags: ['one', 'two'], open: true, more: { a: 1, b: null } };
const rich = rows(200).map((row) => ({ ...row, when: new Date(row.id), set: new Set(row.tags), big: BigInt(row.id) }));

const keys = Array.from({ length: 100 }, (_, i) => `key${i}`);
for (const key of keys) {
  area.setItem(`fresh:${key}`, JSON.stringify({ json: small }));
}
area.setItem(
  'zustand:fresh',
  JSON.stringify({ state: Object.fromEntries(keys.map((key) => [key, small])), version: 0 }),
);
area.setItem('valtio:fresh', JSON.stringify(Object.fromEntries(keys.map((key) => [key, small]))));

const table = state();
table.rows = rows(10_000);
table.flush();
const bare = rows(10_000);
const loop = (list: ReturnType<typeof rows>): void => {
  let sum = 0;
  for (const row of list) sum += row.id + row.size;
  sink(sum);
};

let source = '';
let copies = 0;
/** Imports a copy of its own: with a registry of its own it makes a state of its own. */
const importCopy = async (code: string): Promise<unknown> => {
  const text = code.replace('tabstate.v1', `copy${copies++}`);
  const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  try {
    return await import(/* @vite-ignore */ url);
  } finally {
    URL.revokeObjectURL(url);
  }
};

export default suite('session-state', [
  line('import', {
    setup: async () => {
      source = (await (await fetch('/only-session-state.js')).text()).replaceAll('*/', '');
    },
    contenders: {
      tabstate: () => importCopy(source),
      'an empty module and 0.1 ms': async () => {
        // of the same size: what loading takes is the same
        await importCopy(`/*${source}*/`);
        const start = performance.now();
        while (performance.now() - start < 0.1);
      },
    },
    perBatch: 20,
    targets: { 'an empty module and 0.1 ms': 1 },
  }),
  line('get(key)', { contenders: { tabstate: () => sink(read.get('o')), ...reading }, targets: readingTargets }),
  line('s.key', { contenders: { tabstate: () => sink(read.o), ...reading }, targets: readingTargets }),
  line('ref.get()', {
    contenders: { tabstate: () => sink(readRef.get()), ...reading },
    targets: { ...readingTargets, nanostores: 2 },
  }),
  line('a small key is set and stored in its task', {
    contenders: {
      tabstate: async () => {
        set.n = n++;
        await null;
      },
      raw: async () => {
        area.setItem('raw:n', JSON.stringify(n++));
        await null;
      },
      nanostores: async () => {
        setAtom.set(n++);
        await null;
      },
      zustand: async () => {
        setZustand.setState({ n: n++ });
        await null;
      },
      valtio: async () => {
        setValtio.n = n++;
        await null;
      },
      store2: async () => {
        store2.session.set('store2:n', n++);
        await null;
      },
    },
    targets: { raw: 1.15, nanostores: 1.1, zustand: 1, valtio: 1, store2: 1 },
  }),
  line('the same by flush(), with two small objects in the state', {
    contenders: {
      tabstate: () => {
        flushed.n = n++;
        flushed.flush();
      },
      raw: () => area.setItem('raw:n', JSON.stringify(n++)),
    },
    targets: { raw: 1.35 },
  }),
  line('1,000 sets of one key in a task, stored', {
    contenders: {
      tabstate: async () => {
        for (let i = 0; i < 1000; i++) set.n = n++;
        await null;
      },
      raw: async () => {
        for (let i = 0; i < 1000; i++) area.setItem('raw:n', JSON.stringify(n++));
        await null;
      },
      nanostores: async () => {
        for (let i = 0; i < 1000; i++) setAtom.set(n++);
        await null;
      },
      zustand: async () => {
        for (let i = 0; i < 1000; i++) setZustand.setState({ n: n++ });
        await null;
      },
      valtio: async () => {
        for (let i = 0; i < 1000; i++) setValtio.n = n++;
        await null;
      },
      store2: async () => {
        for (let i = 0; i < 1000; i++) store2.session.set('store2:n', n++);
        await null;
      },
    },
    targets: {
      raw: { chromium: 1 / 30, firefox: 1 / 12, webkit: 1 / 12 },
      nanostores: 0.5,
      zustand: 0.5,
      valtio: 0.5,
      store2: 0.5,
    },
  }),
  line('one set beside a key of 100 kB', {
    contenders: {
      tabstate: async () => {
        beside.n = n++;
        await null;
      },
      'without it': async () => {
        alone.n = n++;
        await null;
      },
      zustand: async () => {
        besideZustand.setState({ n: n++ });
        await null;
      },
    },
    targets: { 'without it': 1.1, zustand: 1 / 30 },
  }),
  line('40 nested reads and 10 nested writes, stored', {
    contenders: {
      tabstate: async () => {
        readsAndWrites(() => deep.o as Nested);
        await null;
      },
      memory: async () => {
        readsAndWrites(() => deepMemory);
        area.setItem('raw:deep', JSON.stringify(deepMemory));
        await null;
      },
      valtio: async () => {
        readsAndWrites(() => deepValtio);
        await null;
      },
      zustand: async () => {
        // as its documentation writes nested state: a new object per write
        for (let i = 0; i < 20; i++) sink(deepZustand.getState().user.address.city.length + i);
        for (let i = 0; i < 10; i++)
          deepZustand.setState((old) => ({
            list: old.list.with(i, { ...(old.list[i] as Nested['list'][0]), id: n++ }),
          }));
        await null;
      },
      nanostores: async () => {
        for (let i = 0; i < 20; i++) sink(deepAtom.get().user.address.city.length + i);
        for (let i = 0; i < 10; i++) {
          const old = deepAtom.get();
          deepAtom.set({ ...old, list: old.list.with(i, { ...(old.list[i] as Nested['list'][0]), id: n++ }) });
        }
        await null;
      },
    },
    targets: { memory: { chromium: 1.5, firefox: 2, webkit: 2 }, valtio: 1, zustand: 1, nanostores: 1 },
  }),
  line('a task that only reads three small objects', {
    contenders: {
      tabstate: async () => {
        sink([readers.a, readers.b, readers.c]);
        await null;
      },
      stringify: async () => {
        sink([JSON.stringify(small), JSON.stringify(small), JSON.stringify(small)]);
        await null;
      },
    },
    targets: { stringify: 3 },
  }),
  line('1 MB of plain data is set and stored', {
    contenders: {
      tabstate: () => {
        plain[0]!.id = n++;
        big.k = plain;
        big.flush();
      },
      raw: () => {
        plain[0]!.id = n++;
        area.setItem('raw:big', JSON.stringify(plain));
      },
      superjson: () => {
        plain[0]!.id = n++;
        area.setItem('raw:big', superjson.stringify(plain));
      },
    },
    rounds: 9,
    teardown: () => area.removeItem('raw:big'),
    targets: { raw: { chromium: 1.2, firefox: 1.45, webkit: 1.45 }, superjson: 0.4 },
  }),
  line('a new value of 1 MB is set and stored', {
    contenders: {
      tabstate: {
        before: copyPlain,
        run() {
          big.k = plainCopy;
          big.flush();
        },
      },
      raw: { before: copyPlain, run: () => area.setItem('raw:big', JSON.stringify(plainCopy)) },
      store2: { before: copyPlain, run: () => store2.session.set('raw:big', plainCopy) },
    },
    perBatch: 1,
    rounds: 25,
    teardown: () => area.removeItem('raw:big'),
    targets: { store2: { chromium: 1.1, firefox: 1.3, webkit: 1.3 } },
  }),
  line('1 MB again, with equal content', {
    setup() {
      plainCopy = structuredClone(plain);
      big.k = plain;
      big.flush();
    },
    contenders: {
      tabstate: () => {
        big.k = big.k === plain ? plainCopy : plain;
        big.flush();
      },
      raw: () => area.setItem('raw:big', JSON.stringify(plain)),
    },
    rounds: 9,
    teardown: () => {
      big.clear();
      big.flush();
      area.removeItem('raw:big');
    },
    targets: { raw: { chromium: 0.4 } },
  }),
  line('encode 1 MB of plain data', {
    contenders: { tabstate: () => sink(text.format(plain)), stringify: () => sink(JSON.stringify(plain)) },
    targets: { stringify: 1.5 },
  }),
  line('encode 100 B of plain data', {
    contenders: {
      tabstate: () => sink(text.format(hundredBytes)),
      stringify: () => sink(JSON.stringify(hundredBytes)),
    },
    targets: { stringify: 2 },
  }),
  line('encode rich data', {
    contenders: { tabstate: () => sink(text.format(rich)), superjson: () => sink(superjson.stringify(rich)) },
    targets: { superjson: 1.1 },
  }),
  line('a fresh page reads 100 keys', {
    contenders: {
      tabstate: {
        // a page has one such state: those of earlier batches are let go
        before() {
          const page = (
            globalThis as unknown as Record<symbol, { sessionPage?: { members: Set<{ prefix: string }> } } | undefined>
          )[Symbol.for('tabstate.v1')];
          for (const member of page?.sessionPage?.members ?? [])
            if (member.prefix === 'fresh:') page?.sessionPage?.members.delete(member);
        },
        run() {
          const fresh = createSessionState({ prefix: 'fresh:' });
          for (const key of keys) sink(fresh[key]);
        },
      },
      raw: () => {
        for (const key of keys) sink(JSON.parse(area.getItem(`fresh:${key}`) as string));
      },
      nanostores: () => {
        for (const key of keys)
          sink(persistentAtom(`fresh:${key}`, small, { encode: JSON.stringify, decode: JSON.parse }).get());
      },
      zustand: () => {
        const { getState } = zustand('zustand:fresh', {} as Record<string, object>);
        for (const key of keys) sink(getState()[key]);
      },
      valtio: () => {
        const fresh = proxy(JSON.parse(area.getItem('valtio:fresh') as string));
        for (const key of keys) sink(fresh[key]);
      },
      store2: () => {
        for (const key of keys) sink(store2.session.get(`fresh:${key}`));
      },
    },
    perBatch: 20,
    targets: {
      raw: 1.3,
      nanostores: 1,
      zustand: 1,
      valtio: 1,
      store2: { chromium: 1.3, firefox: 1.5, webkit: 1.5 },
    },
  }),
  line('loop over 10,000 rows', {
    contenders: { tabstate: () => loop(table.rows as typeof bare), bare: () => loop(bare) },
    targets: { bare: 1.02 },
  }),
  line('sort 10,000 rows', {
    contenders: {
      tabstate: () => sink((table.rows as typeof bare).toSorted((a, b) => b.size - a.size)),
      bare: () => sink(bare.toSorted((a, b) => b.size - a.size)),
    },
    targets: { bare: 1.02 },
  }),
]);
