import { absent } from '../core/batch.js';
import type { ValueText } from '../core/value-text.js';
import type { Warner } from '../core/warning.js';
import { createEntry, type Entry, unread } from './entry.js';

export interface EntriesOptions {
  prefix: string;
  valueText: ValueText;
  warner: Warner;
  /** A text could not be read; a class that is registered later may change that. */
  onBroken(): void;
}

/** All entries of one state, those of missing keys included, and what their texts say. */
export interface Entries {
  /** By key, in order of appearance. */
  readonly all: ReadonlyMap<string, Entry>;
  /** Made when there is none; `name` is that of its item. */
  of(key: string, name?: string): Entry;
  /** Gives the entry a value, or `unread` and a text. */
  hold(entry: Entry, value: unknown, text: string | null): void;
  /** Whether the key is there. Reads a text that was not read yet; a key whose text cannot be read is missing. */
  isPresent(entry: Entry): boolean;
  /** The text that could not be read is gone, or another one can. */
  forgive(entry: Entry): void;
}

export function createEntries({ prefix, valueText, warner, onBroken }: EntriesOptions): Entries {
  const all = new Map<string, Entry>();
  return {
    all,
    of(key, name) {
      let entry = all.get(key);
      if (!entry) all.set(key, (entry = createEntry(key, name ?? prefix + key)));
      return entry;
    },
    hold(entry, value, text) {
      if (entry.value === absent) {
        // to the end of the list
        all.delete(entry.key);
        all.set(entry.key, entry);
      }
      entry.value = value;
      entry.text = text;
      entry.shown = undefined;
      entry.nextLookAt = 0;
    },
    isPresent(entry) {
      if (entry.value !== unread) return entry.value !== absent;
      const { key, text } = entry;
      try {
        entry.value = valueText.parse(text as string);
        return true;
      } catch {
        // not as a cause: the engines quote the text in their errors
        entry.value = absent;
        warner.warn({
          code: 'storage-corrupt',
          message: `sessionState: the stored text of key "${key}" cannot be read, so the key is missing. Set or delete it, or give its class to registerClass().`,
          key,
        });
        onBroken();
        return false;
      }
    },
    forgive({ key }) {
      warner.reset('storage-corrupt', key);
    },
  };
}
