// Channels and locks between the tabs of an origin, where the browser has them.
import type { Unsubscribe } from '../core/listeners.js';
import { type Clock, systemClock } from './clock.js';
import { on } from './page-life.js';

export interface Channel {
  /** False where the browser has no BroadcastChannel or forbids it: nothing is sent or heard then. */
  readonly isOpen: boolean;
  send(message: unknown): void;
  close(): void;
}

/** Messages between the tabs of this origin; a sender does not hear its own. */
export function openChannel(name: string, onMessage: (message: unknown) => void): Channel {
  let channel: BroadcastChannel | undefined;
  let stop: Unsubscribe | undefined;
  try {
    channel = new BroadcastChannel(name);
    stop = on<MessageEvent>(channel, 'message', (event) => onMessage(event.data));
    // otherwise a program in Node would never end
    (channel as { unref?: () => void }).unref?.();
  } catch {
    // BroadcastChannel is absent, or refused with the site's data: isOpen tells
  }
  return {
    get isOpen() {
      return channel !== undefined;
    },
    send(message) {
      try {
        channel?.postMessage(message);
      } catch {
        channel = undefined; // isOpen tells
      }
    },
    close() {
      stop?.();
      channel?.close();
      channel = undefined;
    },
  };
}

export interface LockOptions {
  /** How long to wait for another holder. Default: for ever. */
  readonly waitMs?: number;
  /** Do not wait at all. */
  readonly ifAvailable?: boolean;
}

/**
 * Runs `work(true)` while this tab holds the Web Lock of this name; where there are no locks (plain http) at once.
 * `work(false)`: another tab holds it, and the wait is over.
 */
export async function withLock<T>(
  name: string,
  { waitMs, ifAvailable = false }: LockOptions,
  work: (held: boolean) => Promise<T>,
  clock: Clock = systemClock,
): Promise<T> {
  const locks = globalThis.navigator?.locks as LockManager | null | undefined;
  if (!locks) return work(true);
  let running: Promise<T> | undefined;
  const run = (held: boolean): Promise<T> => {
    running ??= Promise.resolve(held).then(work);
    return running;
  };
  const giveUp = waitMs === undefined || ifAvailable ? undefined : new AbortController();
  const cancel = giveUp && clock.after(waitMs as number, () => giveUp.abort(new Error('waited')));
  try {
    return await locks.request<Promise<T>>(name, giveUp ? { signal: giveUp.signal } : { ifAvailable }, (lock) => {
      cancel?.();
      return run(lock !== null) as never;
    });
  } catch (error) {
    if (running) return running; // its own failure, or the lock was stolen under it
    if (giveUp?.signal.aborted) return run(false);
    cancel?.();
    if (error instanceof DOMException) return run(true); // locks are refused here: one run per tab
    throw error;
  }
}
