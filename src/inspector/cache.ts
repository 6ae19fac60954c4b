// The inspector's panels of cached functions and resources.
import type { Identity } from '../cache/identity.js';
import type { Call } from '../cache/wrap.js';
import { describeArgs } from '../core/describe-args.js';
import type { EntryRow } from '../disk/entry.js';
import { sparkline } from './chart.js';
import { button, bytesText, h, redraw, table } from './dom.js';
import { instances, type Panel, redrawn, rowsAtOnce } from './page.js';
import { nameOf, type Recorder } from './recorder.js';

/** One entry, wherever it lies. */
interface Row {
  key: string;
  args: string;
  bytes: number;
  createdAt?: number;
  uselessFrom: number;
  tier: string;
}

const seconds = (ms: number): string =>
  ms < 120_000
    ? `${Math.round(ms / 1000)} s`
    : ms < 7_200_000
      ? `${Math.round(ms / 60_000)} min`
      : `${Math.round(ms / 3_600_000)} h`;

function entriesOf(record: Identity, stored: EntryRow[], { callOf }: Recorder): Row[] {
  const rows = new Map<string, Row>();
  for (const { key, args, bytes, uselessFrom } of stored)
    rows.set(key, { key, args, bytes, uselessFrom, tier: 'disk' });
  for (const { key, bytes, createdAt, staleUntil } of record.main?.entries.entries() ?? []) {
    const behind = rows.get(key);
    const call = callOf(record, key);
    const args = behind?.args ?? (call ? describeArgs(call.args) : key);
    rows.set(key, { key, args, bytes, createdAt, uselessFrom: staleUntil, tier: behind ? 'memory, disk' : 'memory' });
  }
  return [...rows.values()];
}

export const cachePanel: Panel = {
  title: 'Cache',
  render(root, recorder) {
    const { cache } = instances();
    if (!cache) {
      root.replaceChildren(h('p', {}, 'cacheData and cacheResource are not used on this page.'));
      return () => {};
    }
    const sizes: number[] = [];
    const hits: number[] = [];
    let openName: Identity | undefined;
    let shown = rowsAtOnce;
    let hasLeft = false;

    const clear = (record: Identity, key?: string): void => {
      const { main, kind } = record;
      if (kind === 'data') void cache.stored?.clear(record, key).then(again);
      else main?.forget({ key }, 'this')();
      again();
    };
    const refresher = (record: Identity, key: string, args: string): HTMLElement => {
      const call = recorder.callOf(record, key);
      const refresh = button('Refresh', `Refresh ${nameOf(record, args)}`, () => {
        // a run that fails is among the events
        void Promise.resolve(call as Call)
          .then(({ w, self, args }) => w.code.now()?.refresh(w, self, args))
          .then(again, again);
      });
      refresh.disabled = !call;
      if (!call) refresh.title = 'Not called on this page yet: its arguments are not known.';
      return refresh;
    };

    const details = (record: Identity, stored: EntryRow[]): HTMLElement => {
      const rows = entriesOf(record, stored, recorder);
      const now = Date.now();
      const cells = rows.slice(0, shown).map(({ key, args, bytes, createdAt, uselessFrom, tier }) => {
        const life = createdAt === undefined ? undefined : uselessFrom - createdAt;
        const bar =
          life !== undefined &&
          Number.isFinite(life) &&
          h('meter', { min: 0, max: life, value: Math.max(0, uselessFrom - now), 'aria-label': 'Time left' });
        const left = uselessFrom === Infinity ? 'no end' : `${seconds(Math.max(0, uselessFrom - now))} left`;
        return [
          args.length > 60 ? `${args.slice(0, 60)}…` : args,
          createdAt === undefined ? '' : seconds(now - createdAt),
          [bar, ` ${left}`],
          bytesText(bytes),
          tier,
          [refresher(record, key, args), button('Clear', `Clear ${nameOf(record, args)}`, () => clear(record, key))],
        ];
      });
      const more = button('Show more', 'Show more entries', () => {
        shown += rowsAtOnce;
        again();
      });
      return h(
        'div',
        {},
        table(`Entries of ${record.label}`, ['Arguments', 'Age', 'Left', 'Size', 'Where', 'Actions'], cells),
        rows.length > shown && more,
      );
    };

    const draw = async (): Promise<void> => {
      const rows = (await cache.stored?.rows()) ?? [];
      if (hasLeft) return;
      const byIdentity = new Map<string, EntryRow[]>();
      for (const row of rows) {
        const same = byIdentity.get(row.identity);
        if (same) same.push(row);
        else byIdentity.set(row.identity, [row]);
      }
      const records = cache.identities
        .list()
        .filter(({ hits, misses, main }) => hits + misses + (main?.entries.size ?? 0) > 0);
      const storedOf = (record: Identity): EntryRow[] =>
        record.kind === 'data' ? (byIdentity.get(record.id) ?? []) : [];
      const { budget } = cache;
      const memory = cache.memory?.weight ?? 0;
      const disk = rows.reduce((sum, { bytes }) => sum + bytes, 0);
      sizes.push(memory);
      hits.push(records.reduce((sum, record) => sum + record.hits, 0));
      for (const samples of [sizes, hits]) if (samples.length > 120) samples.shift();
      const cells = records.map((record) => [
        record.label,
        entriesOf(record, storedOf(record), recorder).length,
        bytesText(
          Math.max(
            record.main?.entries.bytes ?? 0,
            storedOf(record).reduce((sum, { bytes }) => sum + bytes, 0),
          ),
        ),
        record.hits,
        record.misses,
        [
          button(
            record === openName ? 'Close' : 'Entries',
            `${record === openName ? 'Close' : 'Show'} the entries of ${record.label}`,
            () => {
              openName = record === openName ? undefined : record;
              shown = rowsAtOnce;
              again();
            },
            `entries of ${record.kind} ${record.id}`,
          ),
          button('Clear', `Clear all entries of ${record.label}`, () => clear(record)),
        ],
      ]);
      redraw(
        root,
        table('Functions', ['Function', 'Entries', 'Size', 'Hits', 'Misses', 'Actions'], cells),
        openName ? details(openName, storedOf(openName)) : '',
        h(
          'p',
          {},
          `Memory: ${bytesText(memory)} of ${bytesText(budget)} `,
          h('meter', { min: 0, max: budget, value: memory, 'aria-label': 'Memory used' }),
          `. Disk: ${bytesText(disk)}.`,
        ),
        sparkline(sizes, Math.max(...sizes), 'Bytes in memory over the last two minutes'),
        h('p', {}, `${hits.at(-1)} hits on this page`),
        sparkline(hits, Math.max(...hits), 'Hits over the last two minutes'),
      );
    };
    const { again, stop } = redrawn(() => void draw());
    const timer = setInterval(again, 1000); // also what other tabs did
    return () => {
      hasLeft = true;
      clearInterval(timer);
      stop();
    };
  },
};
