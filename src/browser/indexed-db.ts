// A database whose use is bounded in time and mends itself; the disk tier and idbStore stand on it.
import { promisifyRequest } from 'idb-keyval';
import { type Clock, systemClock } from './clock.js';
import { Connection, isTransient } from './connection.js';
import { createDeadlines, type Deadlines } from './deadlines.js';
import { nameOf, type Stores } from './open-database.js';
import { all, on, onHide, onShow } from './page-life.js';
import type { Work } from './transaction.js';

/**
 * A promise of a request's result, to be awaited inside of a transaction. One that fails aborts its transaction, which
 * tells of it: nobody need wait for this promise, as when the next request throws at once.
 */
export function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  const result = promisifyRequest(request);
  result.catch(() => {});
  return result;
}

export interface DatabaseOptions {
  readonly name: string;
  /** The first one is handed to the work. */
  readonly stores: Stores;
  /** Called once: the database cannot be used, or does not answer. */
  onTrouble(cause: unknown): void;
  readonly clock?: Clock;
}

export interface UseOptions {
  /** Stores of the transaction; default: all. */
  readonly stores?: readonly string[];
  /** How long the caller waits for open, work and commit together. Default: 2 s for reads, 10 s for writes. */
  readonly waitMs?: number;
  /** Asked when that is over: how many ms more. What is large takes a slow disk longer. */
  moreMs?(): number;
}

/** Over one connection that mends itself; `use` has the shape of idb-keyval's `UseStore`. */
export interface Database {
  /**
   * Runs `work` in a transaction and resolves with its result: for a write after the commit, for a read at once. What
   * `work` throws aborts the transaction. Rejects when the storage cannot do it now; a lost connection is opened anew
   * and `work` is repeated once, so it may run twice.
   */
  readonly use: <T>(mode: IDBTransactionMode, work: Work<T>, options?: UseOptions) => Promise<T>;
  /** Begins to open it, for what is asked in this task. */
  open(): void;
  /** Grows whenever the database is opened: it may be another one, deleted and made anew. */
  readonly generation: number;
  /** No further attempts are made on this page. */
  readonly isAbsent: boolean;
  /** Whether a failure says that there is no database now, and nothing of what was asked. */
  isLost(error: unknown): boolean;
  close(): void;
}

/** Waits for answers of the database in bounded time. `onLate`: one did not come. */
function createWaits(deadline: Deadlines, onLate: (error: unknown) => void) {
  /** Waits that are over while their answers are still to come. */
  const late = { readonly: 0, readwrite: 0 };
  return {
    // nobody waits for a write, so a slow read does not lose one
    isVain: (mode: IDBTransactionMode): boolean => late.readwrite > 0 || (mode === 'readonly' && late.readonly > 0),
    wait: <T>(done: Promise<T>, mode: IDBTransactionMode, waitMs: number, moreMs = () => 0): Promise<T> => {
      const kind = mode === 'readonly' ? mode : 'readwrite';
      return new Promise((resolve, reject) => {
        let isLate = false;
        const expire = (): void => {
          isLate = true;
          late[kind]++;
          const error = new DOMException('The database did not answer in time.', 'TimeoutError');
          onLate(error);
          reject(error);
        };
        let cancel = deadline(waitMs, () => {
          cancel = deadline(moreMs(), expire);
        });
        const settle = (): void => {
          cancel();
          if (isLate) late[kind]--;
        };
        done.then(
          (value) => {
            settle();
            resolve(value);
          },
          (error) => {
            settle();
            reject(error);
          },
        );
      });
    },
  };
}

/** Opens nothing before the first `use`. */
export function createDatabase({ name, stores, onTrouble, clock = systemClock }: DatabaseOptions): Database {
  let absent: { readonly cause: unknown } | undefined;
  let wasTold = false;
  let stopWatching: (() => void) | undefined;
  const trouble = (cause: unknown): void => {
    if (wasTold) return;
    wasTold = true;
    onTrouble(cause);
  };
  const connection = new Connection(name, stores, (cause) => {
    absent = { cause };
    trouble(cause);
  });
  const { isVain, wait } = createWaits(createDeadlines(clock), trouble);

  /** A connection that was lost in the background is noticed when the tab is seen again. */
  const probe = (): void => {
    if (document.visibilityState === 'visible' && connection.isOpen)
      // a failure has already dropped the connection
      use('readonly', (store) => resultOf(store.getKey(''))).catch(() => {});
  };

  const watchPage = (): (() => void) =>
    all(
      on(document, 'visibilitychange', probe),
      onHide((persisted) => persisted && connection.leave()),
      onShow(() => connection.comeBack()),
    );

  function use<T>(mode: IDBTransactionMode, work: Work<T>, options: UseOptions = {}): Promise<T> {
    if (absent) return Promise.reject(absent.cause);
    if (isVain(mode)) return Promise.reject(new DOMException('The database has not answered yet.', 'TimeoutError'));
    const { stores: scope = Object.keys(stores), waitMs = mode === 'readonly' ? 2000 : 10_000, moreMs } = options;
    const done = connection.run(mode, work, scope).catch((error) => {
      if (absent || !isTransient(error)) throw error;
      return connection.run(mode, work, scope);
    });
    if (typeof document !== 'undefined') stopWatching ??= watchPage();
    return wait(done, mode, waitMs, moreMs);
  }

  return {
    use,
    open() {
      // who asks for something hears what failed
      if (!absent) connection.open().catch(() => {});
    },
    get generation() {
      return connection.generation;
    },
    get isAbsent() {
      return absent !== undefined;
    },
    isLost: (error) => absent !== undefined || nameOf(error) === 'TimeoutError',
    close() {
      stopWatching?.();
      stopWatching = undefined;
      connection.close();
    },
  };
}
