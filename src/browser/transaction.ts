/** What is done in a transaction; only requests may be awaited in it. */
export type Work<T> = (store: IDBObjectStore) => T | PromiseLike<T>;

/** What all requests fail with when their transaction is aborted: by the browser for lack of room, too. */
const isEcho = (error: unknown): boolean =>
  /^(?:Abort|TransactionInactive)Error$/.test(String((error as { name?: unknown } | null)?.name));

export interface TransactOptions<T> {
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
export function transact<T>(db: IDBDatabase, { mode, scope, work, running }: TransactOptions<T>): Promise<T> {
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
