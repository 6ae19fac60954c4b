// Starts the flights page's worker and asks it.
import { askWorker } from '../ask-worker.js';

/** A running worker with one method per kind of work. */
export function startWorker() {
  const worker = askWorker('worker.js', import.meta.url);
  const ask = async (name, argument, options) => (await worker.ask({ name, argument }, options)).result;
  return {
    /** Reads the file and gives its columns away. `onProgress(step, part)`: `part` is from 0 to 1. */
    decode: (urls, onProgress) => ask('decode', urls, { onProgress }),
    /** Takes the columns over: their buffers are moved, not copied. */
    keep(columns) {
      const transfer = Object.values(columns).flatMap((column) => (ArrayBuffer.isView(column) ? [column.buffer] : []));
      return ask('keep', columns, { transfer });
    },
    summarise: (filters) => ask('summarise', filters),
    stop: () => worker.stop('The worker was stopped.'),
  };
}
