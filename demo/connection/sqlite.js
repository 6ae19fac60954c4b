// SQLite in a worker, so that the page does not wait while it starts or works; sql.js comes with the worker.
import { askWorker } from '../ask-worker.js';

/** A new database, in memory, in a worker of its own. */
export function openSqlite() {
  const worker = askWorker('../lib/worker.sql-wasm.js', import.meta.url);
  return {
    /** The rows of the answer, as objects. */
    async run(sql, params = []) {
      const { results } = await worker.ask({ action: 'exec', sql, params });
      if (!results) throw new Error('The text has no SQL.');
      const [result] = results;
      return (result?.values ?? []).map((row) => Object.fromEntries(row.map((cell, i) => [result.columns[i], cell])));
    },
    close: () => worker.stop('The database was closed.'),
  };
}
