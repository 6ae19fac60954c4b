import { type Clock, systemClock } from '../browser/clock.js';
import { reportListenerError } from '../browser/report-error.js';
import { createListeners } from '../core/listeners.js';
import type { Warning } from '../core/warning.js';
import type { Note } from '../disk/entry.js';
import type { DatabaseTier, SharedTier, Tier } from '../tiers/tier.js';

export interface LateTier extends Tier {
  /** Resolves when its code is there, or when that takes too long. */
  readonly ready?: () => Promise<void>;
}

/** A call waits so long for the code, then the function runs without it; later calls do not wait again. */
const readMs = 2000;
const writeMs = 10_000;

/** What a tier does whose code never comes: memory is all there is. */
const absent: Tier = {
  read: async () => undefined,
  write: async () => 'refused',
  touch() {},
  delete: async () => {},
  clear: async () => true,
  info: async () => ({ entries: 0, bytes: 0, oldest: null, persisted: false }),
  close() {},
};

/**
 * A tier whose code is loaded when it is first needed, so that a page that calls nothing does not pay for it. What is
 * asked meanwhile waits in order, for a bounded time. Code that cannot be loaded is like storage that is absent: one
 * warning, and results stay in memory.
 */
export function createLateTier(
  load: () => Promise<Tier>,
  warn: (warning: Warning) => void,
  clock: Clock = systemClock,
): LateTier {
  const notes = createListeners<[Note]>(reportListenerError);
  const forgets = createListeners<[]>(reportListenerError);
  const waiting = new Set<(tier: Tier) => void>();
  let tier: Tier | undefined;
  let isLoading = false;
  /** Somebody has waited in vain. */
  let isLate = false;
  let isClosed = false;

  const arrive = (loaded: Tier): void => {
    tier = loaded;
    loaded.shared?.onNote(notes.notify);
    loaded.shared?.onForget(forgets.notify);
    for (const run of waiting) {
      waiting.delete(run);
      run(loaded);
    }
    if (isClosed) loaded.close();
  };
  const start = (): void => {
    if (isLoading) return;
    isLoading = true;
    load().then(arrive, (cause: unknown) => {
      warn({
        code: 'cache-storage',
        message:
          'The part of the library that keeps results over a reload could not be loaded: they are kept in memory only, and are gone with the page.',
        cause,
      });
      arrive(absent);
    });
  };
  /** What `use` makes of the tier; of an absent one, where the code takes too long. */
  const ask = <T>(use: (tier: Tier) => Promise<T>, waitMs = readMs): Promise<T> => {
    if (tier) return use(tier);
    start();
    if (isLate && waitMs === readMs) return use(absent);
    return new Promise((resolve) => {
      const run = (found: Tier): void => {
        cancel();
        waiting.delete(run);
        resolve(use(found));
      };
      const cancel = clock.after(waitMs, () => {
        isLate = true;
        run(absent);
      });
      waiting.add(run);
    });
  };
  const tell = (use: (tier: Tier) => void): void => {
    if (tier) use(tier);
    else {
      start();
      waiting.add(use);
    }
  };

  const shared: SharedTier = {
    lock: (identity, key, options, work) =>
      ask((to) => (to.shared ? to.shared.lock(identity, key, options, work) : work(true))),
    get hears() {
      return tier?.shared?.hears ?? true;
    },
    onNote: notes.add,
    onForget: forgets.add,
  };
  const database: DatabaseTier = {
    epoch: () => (tier && tier !== absent ? (tier.database?.epoch() ?? 0) : -1),
    learnEpoch: () => ask(async (to) => to.database?.learnEpoch()),
    times: (identity, key) => ask((to) => (to.database?.times ?? to.read)(identity, key)),
    inBlobs: (identity, key) => ask(async (to) => to.database?.inBlobs(identity, key)),
    list: () => ask(async (to) => to.database?.list() ?? []),
  };
  return {
    ready: () => ask(async () => {}),
    read: (identity, key) => ask((to) => to.read(identity, key)),
    // a run that began without the tier does not know which clears it has missed
    write: (identity, key, entry, limits) =>
      ask((to) => (entry.epoch < 0 ? absent : to).write(identity, key, entry, limits), writeMs),
    touch: (identity, key, at) => tier?.touch(identity, key, at),
    delete: (identity, key) => ask((to) => to.delete(identity, key), writeMs),
    clear: (target) =>
      ask(async (to) => {
        if (tier) return to.clear(target);
        // not certain yet, but not given up either
        tell((later) => void later.clear(target));
        return false;
      }, writeMs),
    info: (identity) => ask((to) => to.info(identity)),
    shared,
    database,
    close() {
      isClosed = true;
      tier?.close();
    },
  };
}
