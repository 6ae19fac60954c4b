// A worker that is asked, and answers each question by its number.
import { scriptUrl } from './trusted.js';

/**
 * Starts the worker at `path`, which is relative to `base`. It answers `{ id, step, part }` any number of times, and then once
 * with `{ id, error }` or whatever else has the `id`.
 */
export function askWorker(path, base) {
  const worker = new Worker(scriptUrl(path, base));
  const waiting = new Map();
  let ids = 0;
  const end = (message) => {
    for (const { reject } of waiting.values()) reject(new Error(message));
    waiting.clear();
  };
  worker.onmessage = ({ data }) => {
    const { id, step, part, error } = data;
    const { resolve, reject, onProgress } = waiting.get(id);
    if (step) return onProgress?.(step, part);
    waiting.delete(id);
    if (error) reject(error instanceof Error ? error : new Error(error));
    else resolve(data);
  };
  worker.onerror = (event) =>
    end(event.message || 'The worker did not start.');
  return {
    /** Resolves with the last answer. `onProgress(step, part)` gets the ones before. */
    ask: (question, { onProgress, transfer = [] } = {}) =>
      new Promise((resolve, reject) => {
        waiting.set((ids += 1), { resolve, reject, onProgress });
        worker.postMessage({ id: ids, ...question }, transfer);
      }),
    /** Ends the worker; who still waits gets an error with this message. */
    stop(message) {
      worker.terminate();
      end(message);
    },
  };
}
