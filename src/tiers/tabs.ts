// The other tabs that use the same storage: notes, locks, and notes that were missed.
import type { Clock } from '../browser/clock.js';
import { type Channel, openChannel, withLock } from '../browser/other-tabs.js';
import { onShow } from '../browser/page-life.js';
import { reportListenerError } from '../browser/report-error.js';
import { hashText } from '../core/hash.js';
import { createListeners, type Unsubscribe } from '../core/listeners.js';
import type { ClearTarget, Note } from '../disk/entry.js';
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

const isText = (value: unknown): value is string => typeof value === 'string';

/** A clear's target as another tab sent it; `undefined` for anything else. */
function targetOf(value: unknown): ClearTarget | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { all, identity, key, tag } = value as Record<string, unknown>;
  if (all === true) return { all };
  if (isText(tag)) return { tag };
  if (!isText(identity)) return undefined;
  if (key === undefined) return { identity };
  return isText(key) ? { identity, key } : undefined;
}

/** A note of another tab; `undefined` for what no version of this code would say. */
export function noteOf(message: unknown): Note | undefined {
  const { type, identity, key, target } = (message ?? {}) as Record<string, unknown>;
  const cleared = type === 'clear' ? targetOf(target) : undefined;
  if (cleared) return { type: 'clear', target: cleared };
  return type === 'set' && isText(identity) && isText(key) ? { type, identity, key } : undefined;
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
