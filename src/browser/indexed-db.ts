import { promisifyRequest } from 'idb-keyval';
import { type Clock, systemClock } from './clock.js';
import { createDeadlines } from './deadlines.js';
import { createOpener, hasIndexes, nameOf, type Stores } from './open-database.js';
import { on } from './page-life.js';
import { transact, type Work } from './transaction.js';

/** A promise of a request's result, to be awaited inside of a transaction. */
export const resultOf: <T>(request: IDBRequest<T>) => Promise<T> = promisifyRequest;

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
}

/** Over one connection that mends itself; `use` has the shape of idb-keyval's `UseStore`. */
export interface Database {
  /**
   * Runs `work` in a transaction and resolves with its result: for a write after the commit, for a read at once. What
   * `work` throws aborts the transaction. Rejects when the storage cannot do it now; a lost connection is opened anew
   * and `work` is repeated once, so it may run twice.
   */
  readonly use: <T>(mode: IDBTransactionMode, work: Work<T>, options?: UseOptions) => Promise<T>;
  /** Grows whenever the database is opened: it may be another one, deleted and made anew. */
  readonly generation: number;
  /** No further attempts are made on this page. */
  readonly isAbsent: boolean;
  /** Whether a failure says that there is no database now, and nothing of what was asked. */
  isLost(error: unknown): boolean;
  close(): void;
}

/** A store lacks an index. */
const incomplete = new Error();

// Safari loses connections in background tabs and rejects with null: https://bugs.webkit.org/show_bug.cgi?id=197050
const isTransient = (error: unknown): boolean =>
  error == null ||
  error === incomplete ||
  nameOf(error) === 'InvalidStateError' ||
  nameOf(error) === 'AbortError' ||
  nameOf(error) === 'NotFoundError' ||
  (nameOf(error) === 'UnknownError' && /connection|internal|server|clos|lost/i.test((error as Error).message));

/** Opens nothing before the first `use`. */
export function createDatabase({ name, stores, onTrouble, clock = systemClock }: DatabaseOptions): Database {
  const names = Object.keys(stores);
  const openIt = createOpener(name, stores);
  const deadline = createDeadlines(clock);
  let connection: Promise<IDBDatabase> | undefined;
  let absent: { readonly cause: unknown } | undefined;
  let generation = 0;
  let isBroken = false;
  /** Stores of this connection whose indexes nobody has looked at: that needs a transaction, and one of its own costs as much as a read. */
  let unchecked = new Set<string>();
  let told = false;
  /** Waits that are over while their answers are still to come. */
  const late = { readonly: 0, readwrite: 0 };
  let stopProbing: (() => void) | undefined;

  const trouble = (cause: unknown): void => {
    if (told) return;
    told = true;
    onTrouble(cause);
  };

  const open = (): Promise<IDBDatabase> =>
    openIt(generation > 0, isBroken).then(keep, (error: unknown) => {
      throw giveUp(error);
    });

  function giveUp(cause: unknown): unknown {
    absent = { cause };
    trouble(cause);
    return cause;
  }

  function keep(db: IDBDatabase): IDBDatabase {
    generation++;
    isBroken = false;
    unchecked = new Set(names);
    const current = connection;
    const forget = (): void => {
      if (connection === current) connection = undefined;
    };
    // otherwise a delete or upgrade in another tab waits for this page for ever
    db.onversionchange = () => {
      forget();
      db.close();
    };
    db.onclose = forget;
    stopProbing ??=
      typeof document === 'undefined'
        ? undefined
        : on(document, 'visibilitychange', () => {
            if (document.visibilityState === 'visible' && connection)
              // its failure has already dropped the connection
              use('readonly', (store) => resultOf(store.getKey(''))).catch(() => {});
          });
    return db;
  }

  function connect(): Promise<IDBDatabase> {
    if (connection) return connection;
    const opening = Promise.resolve().then(open);
    connection = opening;
    opening.catch(() => {
      if (connection === opening) connection = undefined;
    });
    return opening;
  }

  async function attempt<T>(mode: IDBTransactionMode, work: Work<T>, scope: readonly string[]): Promise<T> {
    const current = connect();
    const db = await current;
    const checked: Work<T> = async (store) => {
      for (const one of scope)
        if (unchecked.delete(one) && !hasIndexes(store.transaction.objectStore(one), stores[one] as Stores[string]))
          throw incomplete;
      return work(store);
    };
    try {
      return await transact(db, mode, unchecked.size ? checked : work, scope);
    } catch (error) {
      if (error === incomplete) isBroken = true;
      if (isTransient(error)) {
        if (connection === current) connection = undefined;
        db.close();
      }
      throw error;
    }
  }

  function use<T>(mode: IDBTransactionMode, work: Work<T>, options: UseOptions = {}): Promise<T> {
    if (absent) return Promise.reject(absent.cause);
    // nobody waits for a write, so a slow read does not lose one
    if (late.readwrite || (mode === 'readonly' && late.readonly))
      return Promise.reject(new DOMException('The database has not answered yet.', 'TimeoutError'));
    const { stores: scope = names, waitMs = mode === 'readonly' ? 2000 : 10_000 } = options;
    const done = attempt(mode, work, scope).catch((error) => {
      if (absent || !isTransient(error)) throw error;
      return attempt(mode, work, scope);
    });
    const kind = mode === 'readonly' ? mode : 'readwrite';
    return new Promise((resolve, reject) => {
      let isLate = false;
      const cancel = deadline(waitMs, () => {
        isLate = true;
        late[kind]++;
        const error = new DOMException(`The database did not answer within ${waitMs} ms.`, 'TimeoutError');
        trouble(error);
        reject(error);
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
  }

  return {
    use,
    get generation() {
      return generation;
    },
    get isAbsent() {
      return absent !== undefined;
    },
    isLost: (error) => absent !== undefined || nameOf(error) === 'TimeoutError',
    close() {
      stopProbing?.();
      stopProbing = undefined;
      connection?.then(
        (db) => db.close(),
        () => {}, // it never opened
      );
      connection = undefined;
    },
  };
}
