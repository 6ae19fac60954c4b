// Starts the flights page's worker and asks it.
import { scriptUrl } from '../trusted.js';

/** A running worker with one method per kind of work. */
export function startWorker() {
  const worker = new Worker(scriptUrl('worker.js', import.meta.url));
  const waiting = new Map();
  let ids = 0;
  worker.onmessage = ({ data: { id, step, part, result, error } }) => {
    const { resolve, reject, onProgress } = waiting.get(id);
    if (step) return onProgress?.(step, part);
    waiting.delete(id);
    if (error) reject(error);
    else resolve(result);
  };
  worker.onerror = (event) => {
    for (const { reject } of waiting.values()) reject(new Error(event?.message || 'The worker did not start.'));
    waiting.clear();
  };
  const ask = (name, argument, { onProgress, transfer = [] } = {}) =>
    new Promise((resolve, reject) => {
      waiting.set((ids += 1), { resolve, reject, onProgress });
      worker.postMessage({ id: ids, name, argument }, transfer);
    });
  return {
    /** Reads the file and gives its columns away. `onProgress(step, part)`: `part` is from 0 to 1. */
    decode: (urls, onProgress) => ask('decode', urls, { onProgress }),
    /** Takes the columns over: their buffers are moved, not copied. */
    keep(columns) {
      const transfer = Object.values(columns).flatMap((column) => (ArrayBuffer.isView(column) ? [column.buffer] : []));
      return ask('keep', columns, { transfer });
    },
    summarise: (filters) => ask('summarise', filters),
    stop() {
      worker.terminate();
      worker.onerror();
    },
  };
}
