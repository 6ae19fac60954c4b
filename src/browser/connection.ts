// One connection to IndexedDB that is opened lazily and anew after it was lost.
import { createOpener, hasIndexes, nameOf, type Stores } from './open-database.js';
import { transact, type Work } from './transaction.js';

/** A store lacks an index. */
class IncompleteError extends Error {}

/**
 * Whether another connection may do better. Safari loses connections in background tabs and rejects with null:
 * https://bugs.webkit.org/show_bug.cgi?id=197050
 */
export const isTransient = (error: unknown): boolean =>
  error == null ||
  error instanceof IncompleteError ||
  /^(InvalidState|Abort|NotFound)Error$/.test(String(nameOf(error))) ||
  (nameOf(error) === 'UnknownError' && /connection|internal|server|clos|lost/i.test((error as Error).message));

/** A connection that is opened when it is needed, and anew after it was lost. */
export class Connection {
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
