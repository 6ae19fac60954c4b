// A tier that answers when a test says so.
import { createListeners } from '../../src/core/listeners.js';
import type { CacheEntry, ClearTarget, Note } from '../../src/disk/entry.js';
import type { Tier } from '../../src/tiers/tier.js';

/** A shared place for the tiers of several pages. */
export interface FakeDisk {
  rows: Map<string, CacheEntry>;
  /** What was asked, in order. */
  log: string[];
  /** Clears cannot be written. */
  refusesClears: boolean;
  /** Writes are refused. */
  refusesWrites: boolean;
  /** Locks held by another tab. */
  held: Set<string>;
  /** No notes arrive. */
  isDeaf: boolean;
  /** Resolves when the notes of now have been heard. */
  heardAll(): Promise<void>;
  tier(): Tier & { forget(): void };
}

/**
 * The behaviour that `tier.ts` describes, in memory, with every step visible.
 *
 * @param pause - what each step takes; with one, notes are late as well
 */
export function fakeDisk(pause?: () => Promise<void>): FakeDisk {
  let notesHeard: Promise<void> = Promise.resolve();
  let epoch = 0;
  const cleared: { target: ClearTarget; epoch: number }[] = [];
  const pages = new Set<{ tell(note: Note): void }>();
  const rowKey = (identity: string, key: string): string => `${identity} ${key}`;
  const covers = (target: ClearTarget, identity: string, key: string, tags: readonly string[] = []): boolean =>
    'all' in target
      ? true
      : 'tag' in target
        ? tags.includes(target.tag)
        : target.identity === identity && (!('key' in target) || target.key === key);
  const disk: FakeDisk = {
    rows: new Map(),
    log: [],
    refusesClears: false,
    refusesWrites: false,
    held: new Set(),
    isDeaf: false,
    heardAll: () => notesHeard,
    tier() {
      const notes = createListeners<[Note]>(() => {});
      const forgets = createListeners<[]>(() => {});
      const page = { tell: (note: Note) => notes.notify(note) };
      pages.add(page);
      const tell = (note: Note): void => {
        const send = (): void => {
          if (!disk.isDeaf) for (const other of pages) if (other !== page) other.tell(note);
        };
        if (pause) notesHeard = notesHeard.then(pause).then(send);
        else send();
      };
      // of other tabs' clears a page learns when it asks the disk
      let epochSeen = epoch;
      const step = async (text: string): Promise<void> => {
        disk.log.push(text);
        await (pause?.() ?? Promise.resolve());
      };
      const tier: Tier & { forget(): void } = {
        async read(identity, key) {
          await step(`read ${key}`);
          epochSeen = epoch;
          return disk.rows.get(rowKey(identity, key));
        },
        async write(identity, key, entry, { isSilent }) {
          await step(`write ${key}`);
          if (disk.refusesWrites) return 'refused';
          if (entry.isWanted?.() === false) return 'cleared';
          if (cleared.some((each) => each.epoch > entry.epoch && covers(each.target, identity, key, entry.tags)))
            return 'cleared';
          disk.rows.set(rowKey(identity, key), entry);
          if (!isSilent) tell({ type: 'set', identity, key });
          return 'stored';
        },
        touch(_identity, key) {
          disk.log.push(`touch ${key}`);
        },
        async delete(identity, key) {
          await step(`delete ${key}`);
          disk.rows.delete(rowKey(identity, key));
        },
        async clear(target) {
          cleared.push({ target, epoch: (epochSeen = ++epoch) });
          const isRefused = disk.refusesClears;
          // reads from now on find nothing of it
          for (const [at, entry] of isRefused ? [] : disk.rows) {
            const [identity, key] = at.split(' ') as [string, string];
            if (covers(target, identity, key, entry.tags)) disk.rows.delete(at);
          }
          await step('clear');
          if (isRefused) return false;
          tell({ type: 'clear', target });
          return true;
        },
        async info(identity) {
          const own = [...disk.rows].filter(([at]) => at.startsWith(`${identity} `)).map(([, entry]) => entry);
          const bytes = own.reduce((sum, entry) => sum + entry.bytes, 0);
          const oldest = own.length > 0 ? Math.min(...own.map(({ createdAt }) => createdAt)) : null;
          return { entries: own.length, bytes, oldest, persisted: own.length > 0 };
        },
        shared: {
          async lock(_identity, key, { ifAvailable }, work) {
            const isHeld = !disk.held.has(key);
            disk.log.push(`lock ${key}`);
            if (!isHeld && ifAvailable) return work(false);
            disk.held.add(key);
            try {
              return await work(isHeld);
            } finally {
              disk.held.delete(key);
            }
          },
          get hears() {
            return !disk.isDeaf;
          },
          onNote: notes.add,
          onForget: forgets.add,
        },
        database: {
          epoch: () => epochSeen,
          async learnEpoch() {
            epochSeen = epoch;
          },
          times: (identity, key) => tier.read(identity, key),
          inBlobs: async () => undefined,
          list: async () => [],
        },
        forget: () => forgets.notify(),
        close: () => pages.delete(page),
      };
      return tier;
    },
  };
  return disk;
}
