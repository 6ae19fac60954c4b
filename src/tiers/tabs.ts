// The other tabs that use the same storage: notes, locks, and notes that were missed.
import type { Clock } from '../browser/clock.js';
import { type Channel, openChannel, withLock } from '../browser/other-tabs.js';
import { onShow } from '../browser/page-life.js';
import { reportListenerError } from '../browser/report-error.js';
import { hashText } from '../core/hash.js';
import { createListeners, type Unsubscribe } from '../core/listeners.js';
import type { Note } from '../disk/entry.js';
import { noteOf } from './clears.js';
import type { SharedTier } from './tier.js';

export interface TabsOptions {
  /** Names the channel; the names of the locks begin with it. */
  readonly name: string;
  readonly clock: Clock;
  /** Names an entry in its lock. */
  entryKey(identity: string, key: string): string;
  /** Returns what may be notes in a message of another tab. */
  unpack(message: unknown): readonly unknown[];
  /** Called before the listeners are. */
  onNote(note: Note): void;
  /** Notes were missed. Called before the listeners are. */
  onMissed?(): void;
  /** Called before anything else is done. */
  onStart?(): void;
}

/** The other tabs that use the same storage. */
export interface Tabs extends SharedTier {
  /** Everything that is observable begins with the first call of this, or of a member that needs it. */
  start(): void;
  send(message: unknown): void;
  close(): void;
}

/** Notes and locks between the tabs. After a stay in the back/forward cache notes were missed. */
export function createTabs({ name, clock, entryKey, unpack, onNote, onMissed, onStart }: TabsOptions): Tabs {
  const notes = createListeners<[Note]>(reportListenerError);
  const forgets = createListeners<[]>(reportListenerError);
  let channel: Channel | undefined;
  let stop: Unsubscribe | undefined;

  function hear(message: unknown): void {
    for (const one of unpack(message)) {
      const note = noteOf(one);
      if (!note) continue;
      onNote(note);
      notes.notify(note);
    }
  }

  const start = (): void => {
    if (channel) return;
    onStart?.();
    channel = openChannel(name, hear);
    // nothing is written on pagehide: WebKit would keep that transaction open in the back/forward cache, and every other
    // page waiting behind it
    if (typeof document === 'undefined') return;
    stop = onShow((persisted) => {
      if (!persisted) return;
      onMissed?.();
      forgets.notify();
    });
  };

  return {
    start,
    lock(identity, key, options, work) {
      start();
      const entry = entryKey(identity, key);
      // WebKit refuses names of more than 1,024 characters
      return withLock(`${name}:${entry.length > 200 ? hashText(entry) : entry}`, options, work, clock);
    },
    get hears() {
      start();
      return channel?.isOpen ?? false;
    },
    onNote(listener) {
      start();
      return notes.add(listener);
    },
    onForget: forgets.add,
    send: (message) => channel?.send(message),
    close() {
      stop?.();
      channel?.close();
    },
  };
}
