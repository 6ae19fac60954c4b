// A database whose use is bounded in time and mends itself; the disk tier and idbStore stand on it. From the top down: the
// database, waits that end, a connection that is opened anew after it was lost, a transaction.
import { promisifyRequest } from 'idb-keyval';
import { type Clock, systemClock, type Timer } from './clock.js';
import { createOpener, hasIndexes, nameOf, type Stores } from './open-database.js';
import { all, on, onHide, onShow } from './page-life.js';

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

/** Runs `expire` after `ms` of the page's own time, unless the result is called first. */
type Deadlines = (ms: number, expire: () => void) => () => void;

/**
 * Time is counted in steps. A step in which the page was busy, frozen or in the back/forward cache counts as one, however
 * long it took: what could not be heard is not late, and an answer that has arrived meanwhile comes before the next step.
 */
const stepMs = 250;

/** Waits that nearly always end early: one timer serves all of them, since a timer of its own costs as much as a small read. */
export function createDeadlines(clock: Timer): Deadlines {
  /** With the count at which each is over. */
  const waits = new Map<() => void, number>();
  let counted = 0;
  let steppedAt = 0;
  let isRunning = false;

  const elapsed = (): number => Math.min(clock.monotonic() - steppedAt, stepMs);

  const step = (): void => {
    isRunning = false;
    counted += elapsed();
    steppedAt = clock.monotonic();
    for (const [expire, at] of waits)
      if (at <= counted) {
        waits.delete(expire);
        expire();
      }
    arm();
  };
  const arm = (): void => {
    if (isRunning || waits.size === 0) return;
    isRunning = true;
    clock.after(Math.min(stepMs, Math.min(...waits.values()) - counted), step);
  };

  return (ms, expire) => {
    if (!isRunning) steppedAt = clock.monotonic();
    waits.set(expire, counted + elapsed() + ms);
    arm();
    return () => waits.delete(expire);
  };
}

/** A store lacks an index. */
class IncompleteError extends Error {}

/**
 * Whether another connection may do better. Safari loses connections in background tabs and rejects with null:
 * https://bugs.webkit.org/show_bug.cgi?id=197050
 */
const isTransient = (error: unknown): boolean =>
  error == null ||
  error instanceof IncompleteError ||
  /^(InvalidState|Abort|NotFound)Error$/.test(String(nameOf(error))) ||
  (nameOf(error) === 'UnknownError' && /connection|internal|server|clos|lost/i.test((error as Error).message));

/** A connection that is opened when it is needed, and anew after it was lost. */
class Connection {
  readonly #open: ReturnType<typeof createOpener>;
  readonly #stores: Stores;
  readonly #onFailure: (cause: unknown) => void;
  #db: Promise<IDBDatabase> | undefined;
  #generation = 0;
  #isBroken = false;
  readonly #running = new Set<IDBTransaction>();
  /** While the page is away: resolves when it comes back. */
  #away: Promise<void> | undefined;
  #return = (): void => {};
  /** Stores whose indexes nobody has looked at: that needs a transaction, and one of its own costs as much as a read. */
  #unchecked = new Set<string>();

  /** @param onFailure - it cannot be opened, and no further attempt is of use */
  constructor(name: string, stores: Stores, onFailure: (cause: unknown) => void) {
    this.#open = createOpener(name, stores);
    this.#stores = stores;
    this.#onFailure = onFailure;
  }

  /** Grows whenever the database is opened. */
  get generation(): number {
    return this.#generation;
  }

  get isOpen(): boolean {
    return this.#db !== undefined;
  }

  /** Asks for the database, if nobody has. */
  open(): Promise<IDBDatabase> {
    return (this.#db ??= this.#connect());
  }

  /** Runs `work` in a transaction; opens the database first if need be. A failed connection is dropped. */
  async run<T>(mode: IDBTransactionMode, work: Work<T>, scope: readonly string[]): Promise<T> {
    if (this.#away) await this.#away;
    const current = this.open();
    const db = await current;
    try {
      const checked = this.#unchecked.size ? this.#checking(work, scope) : work;
      return await transact(db, { mode, scope, work: checked, running: this.#running });
    } catch (error) {
      if (error instanceof IncompleteError) this.#isBroken = true;
      if (isTransient(error)) {
        this.#forget(current);
        db.close();
      }
      throw error;
    }
  }

  /** The page goes into the back/forward cache: WebKit leaves transactions open there, and all other pages wait behind them. */
  leave(): void {
    this.#away ??= new Promise((resolve) => {
      this.#return = resolve;
    });
    for (const transaction of this.#running)
      try {
        transaction.abort();
      } catch {
        // it commits, which needs no page
      }
  }

  /** What was aborted begins again. */
  comeBack(): void {
    this.#away = undefined;
    this.#return();
  }

  close(): void {
    this.#db?.then(
      (db) => db.close(),
      () => {}, // it never opened
    );
    this.#db = undefined;
  }

  #forget(connection: Promise<IDBDatabase>): void {
    if (this.#db === connection) this.#db = undefined;
  }

  #connect(): Promise<IDBDatabase> {
    const opening = this.#open(this.#generation > 0, this.#isBroken).then(
      (db) => {
        this.#generation++;
        this.#isBroken = false;
        this.#unchecked = new Set(Object.keys(this.#stores));
        db.onclose = () => this.#forget(opening);
        // otherwise a delete or upgrade in another tab waits for this page for ever
        db.onversionchange = () => {
          this.#forget(opening);
          db.close();
        };
        return db;
      },
      (error) => {
        this.#forget(opening);
        this.#onFailure(error);
        throw error;
      },
    );
    return opening;
  }

  #checking<T>(work: Work<T>, scope: readonly string[]): Work<T> {
    return async (store) => {
      for (const name of scope)
        if (this.#unchecked.delete(name) && !hasIndexes(store.transaction.objectStore(name), this.#stores[name] ?? {}))
          throw new IncompleteError();
      return work(store);
    };
  }
}

/** What is done in a transaction; only requests may be awaited in it. */
type Work<T> = (store: IDBObjectStore) => T | PromiseLike<T>;

/** What all requests fail with when their transaction is aborted: by the browser for lack of room, too. */
const isEcho = (error: unknown): boolean =>
  /^(?:Abort|TransactionInactive)Error$/.test(String((error as { name?: unknown } | null)?.name));

interface TransactOptions<T> {
  readonly mode: IDBTransactionMode;
  readonly scope: readonly string[];
  readonly work: Work<T>;
  /** Holds the transaction until it ends. */
  readonly running: Set<IDBTransaction>;
}

/**
 * Runs `work` with the first store of `scope`. Resolves with its result: a read at once, a write after its commit. What
 * `work` throws, and a request that fails, aborts all of it.
 */
function transact<T>(db: IDBDatabase, { mode, scope, work, running }: TransactOptions<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    // a power cut may cost the last seconds of a cache; a killed browser does not
    const transaction = db.transaction(scope as string[], mode, { durability: 'relaxed' });
    running.add(transaction);
    const isRead = mode === 'readonly';
    let failure: { readonly error: unknown } | undefined;
    let result: T;
    let isComplete = false;
    const abort = (error: unknown): void => {
      failure ??= { error };
      try {
        transaction.abort();
      } catch {
        // the transaction has ended, or is ending: its own event follows and tells why
        if (isRead || isComplete || !isEcho(error)) reject(failure.error);
      }
    };
    transaction.oncomplete = () => {
      running.delete(transaction);
      isComplete = true;
      if (!isRead) resolve(result);
    };
    transaction.onabort = () => {
      running.delete(transaction);
      const { error } = transaction;
      // Firefox has an AbortError of its own where the request's error is the reason
      reject(failure && !(error && isEcho(failure.error)) ? failure.error : error);
    };
    transaction.onerror = (event) => {
      event.preventDefault(); // Firefox reports it to window.onerror otherwise
      abort((event.target as IDBRequest).error);
    };
    Promise.resolve(work(transaction.objectStore(scope[0] as string))).then((value) => {
      result = value;
      if (isRead) return resolve(value);
      try {
        transaction.commit?.();
      } catch {
        // it has ended already, and its event tells how
      }
    }, abort);
  });
}

/**
 * A promise of a request's result, to be awaited inside of a transaction. One that fails aborts its transaction, which
 * tells of it: nobody need wait for this promise, as when the next request throws at once.
 */
export function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  const result = promisifyRequest(request);
  result.catch(() => {});
  return result;
}
