import { systemClock as clock } from '../browser/clock.js';
import type { FunctionRecord } from './records.js';

/** Something that goes on behind, and that `has`, `clear` and `info` wait for. */
export function track<T>({ pending }: FunctionRecord, work: Promise<T>): Promise<T> {
  const over = (): void => {
    pending.delete(work);
  };
  pending.add(work);
  work.then(over, over);
  return work;
}

export const settled = async ({ pending }: FunctionRecord): Promise<void> => {
  while (pending.size > 0) await Promise.allSettled([...pending]);
};

/** So long a read waits for the writes before it. */
const writtenMs = 2_000;

/** Resolves when what goes on behind now is over; a storage that does not answer holds nobody up. */
export async function written({ pending }: FunctionRecord): Promise<void> {
  if (pending.size === 0) return;
  await new Promise<void>((resolve) => {
    const cancel = clock.after(writtenMs, resolve);
    void Promise.allSettled([...pending]).then(() => {
      cancel();
      resolve();
    });
  });
}
