import type { Database } from '../browser/indexed-db.js';
import type { Note } from '../tiers/tier.js';
import { apply, type Change, type Outcome } from './changes.js';
import type { Epochs } from './epochs.js';
import { dropExpired, dropLeastUsed } from './eviction.js';
import { openLedger } from './ledger.js';
import { tablesOf } from './tables.js';
import type { Touches } from './touches.js';

export interface Writer {
  /**
   * Changes of one microtask share a transaction, and so do puts that come while another one runs. Rejects when this one
   * could not be written.
   */
  write(change: Change): Promise<Outcome>;
  /** Deletes expired rows, then least recently used ones of all functions: twice these bytes. */
  makeRoom(bytes: number): Promise<void>;
  /** Resolves when nothing is pending. */
  settled(): Promise<void>;
}

export interface WriterOptions {
  readonly database: Database;
  readonly epochs: Epochs;
  now(): number;
  readonly touches: Pick<Touches, 'pending' | 'checked'>;
  /** After the commit. */
  onCommit(notes: readonly Note[], epoch: number): void;
  /** Clears that could not be written: part of each transaction until one commits. */
  readonly owed: Set<Extract<Change, { type: 'clear' }>>;
}

interface Job {
  readonly change: Change;
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

/** Changes of a transaction at most: none keeps the page, or other tabs, waiting for long. */
const maxTogether = 250;

const isFull = (error: unknown): boolean => (error as { name?: unknown } | null)?.name === 'QuotaExceededError';
const waitsInVain = (error: unknown): boolean => (error as { name?: unknown } | null)?.name === 'TimeoutError';

export function createWriter(options: WriterOptions): Writer {
  const { database, epochs, now, touches, onCommit, owed } = options;
  const queue: Job[] = [];
  const running = new Set<Promise<void>>();

  /** All of them in one transaction, or none. */
  async function commit(changes: readonly Change[]): Promise<Outcome[]> {
    const debts = [...owed].filter((clear) => !changes.includes(clear));
    const all = [...debts, ...changes];
    const { outcomes, epoch } = await database.use('readwrite', (store) => apply(tablesOf(store), all, now(), touches));
    for (const debt of debts) owed.delete(debt);
    epochs.learn(epoch);
    onCommit(
      all.flatMap((change, i): Note[] =>
        outcomes[i] !== undefined
          ? []
          : change.type === 'put'
            ? change.limits.isSilent
              ? []
              : [{ type: 'set', identity: change.identity, key: change.key }]
            : change.type === 'clear'
              ? [{ type: 'clear', target: change.target }]
              : [],
      ),
      epoch,
    );
    return outcomes.slice(debts.length);
  }

  const makeRoom = (bytes: number): Promise<void> =>
    database.use('readwrite', async (store) => {
      const ledger = await openLedger(tablesOf(store), now(), {});
      const expired = await dropExpired(ledger, now(), 5000);
      if (expired.bytes < 2 * bytes) await dropLeastUsed(ledger, 2 * bytes - expired.bytes, touches.pending());
      ledger.save();
    });

  async function commitWithRoom(changes: readonly Change[]): Promise<Outcome[]> {
    try {
      return await commit(changes);
    } catch (error) {
      const bytes = changes.reduce((sum, change) => sum + (change.type === 'put' ? change.row.bytes : 0), 0);
      if (!isFull(error)) throw error;
      await makeRoom(Math.max(bytes, 1024));
      return commit(changes);
    }
  }

  async function run(jobs: readonly Job[]): Promise<void> {
    if (jobs.length > 1) {
      try {
        const outcomes = await commit(jobs.map(({ change }) => change));
        jobs.forEach((job, i) => {
          job.resolve(outcomes[i]);
        });
        return;
      } catch (error) {
        if (database.isAbsent || waitsInVain(error)) {
          for (const job of jobs) job.reject(error);
          return;
        }
        // one that cannot be stored does not keep the others out
      }
    }
    for (const job of jobs) await commitWithRoom([job.change]).then(([outcome]) => job.resolve(outcome), job.reject);
  }

  let isDue = false;

  function start(): void {
    isDue = false;
    // in order: the browser runs them one after the other
    while (queue.length) {
      const done = run(queue.splice(0, maxTogether));
      running.add(done);
      void done.finally(() => {
        running.delete(done);
        if (running.size === 0 && !isDue) start();
      });
    }
  }

  return {
    write(change) {
      return new Promise((resolve, reject) => {
        queue.push({ change, resolve, reject });
        // A put has to wait for the transaction before it anyway, and shares the next one with all that came meanwhile.
        // Anything else is begun at once, so that reads which come later see it.
        if (isDue || (change.type === 'put' && running.size > 0)) return;
        isDue = true;
        void Promise.resolve().then(start);
      });
    },
    makeRoom,
    async settled() {
      do {
        await Promise.all(running);
        await Promise.resolve();
      } while (queue.length || running.size);
    },
  };
}
