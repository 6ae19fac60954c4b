// SQLite in a worker, so that the page does not wait while it starts or works; sql.js comes with the worker.
import { scriptUrl } from '../trusted.js';

/** A new database, in memory, in a worker of its own. */
export function openSqlite() {
  const worker = new Worker(scriptUrl('../lib/worker.sql-wasm.js', import.meta.url));
  const waiting = new Map();
  let ids = 0;
  worker.onmessage = ({ data: { id, results, error } }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (results) resolve(results);
    else reject(new Error(error ?? 'The text has no SQL.'));
  };
  const end = (message) => {
    for (const { reject } of waiting.values()) reject(new Error(message));
    waiting.clear();
  };
  worker.onerror = (event) => end(event.message || 'The worker did not start.');
  return {
    /** The rows of the answer, as objects. */
    async run(sql, params = []) {
      const [result] = await new Promise((resolve, reject) => {
        waiting.set((ids += 1), { resolve, reject });
        worker.postMessage({ id: ids, action: 'exec', sql, params });
      });
      return (result?.values ?? []).map((row) => Object.fromEntries(row.map((cell, i) => [result.columns[i], cell])));
    },
    close() {
      worker.terminate();
      end('The database was closed.');
    },
  };
}
