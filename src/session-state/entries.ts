import { absent } from '../core/batch.js';
import type { ValueText } from '../core/value-text.js';
import type { Warner } from '../core/warning.js';
import { createEntry, type Entry, unread } from './entry.js';

export interface EntriesOptions {
  prefix: string;
  valueText: ValueText;
  warner: Warner;
  /** Whether a method is called so. */
  isMember(key: string): boolean;
  /** A text could not be read; a class that is registered later may change that. */
  onBroken(): void;
}

/** All entries of one state, those of missing keys included, and what their texts say. */
export interface Entries {
  /** By key. */
  readonly all: ReadonlyMap<string, Entry>;
  /** In order of appearance; those that storage held come first, sorted. */
  inOrder(): Entry[];
  /** Made when there is none; `name` is that of its item. */
  of(key: string, name?: string): Entry;
  /** Gives the entry a value, or `unread` and a text. */
  hold(entry: Entry, value: unknown, text: string | null): void;
  /** Whether the key is there. Reads a text that was not read yet; a key whose text cannot be read is missing. */
  isPresent(entry: Entry): boolean;
  /** Reads a text that was not read yet, unless a class that may be registered later is wanted for it. */
  readEarly(entry: Entry): void;
  /** The text that could not be read is gone, or another one can. */
  forgive(entry: Entry): void;
}

export function createEntries({ prefix, valueText, warner, isMember, onBroken }: EntriesOptions): Entries {
  const all = new Map<string, Entry>();
  let isSorted = false;

  function isPresent(entry: Entry): boolean {
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
  }

  return {
    all,
    inOrder() {
      if (!isSorted) {
        isSorted = true;
        const found: string[] = [];
        const others: Entry[] = [];
        for (const entry of all.values())
          if (entry.isFound) found.push(entry.key);
          else others.push(entry);
        const sorted = found.sort().map((key) => all.get(key) as Entry);
        all.clear();
        for (const entry of [...sorted, ...others]) all.set(entry.key, entry);
      }
      return [...all.values()];
    },
    of(key, name) {
      let entry = all.get(key);
      if (!entry) all.set(key, (entry = createEntry(key, name ?? prefix + key, isMember(key))));
      return entry;
    },
    hold(entry, value, text) {
      if (entry.value === absent) {
        // to the end of the list
        entry.isFound = false;
        all.delete(entry.key);
        all.set(entry.key, entry);
      }
      entry.value = value;
      entry.text = text;
      entry.shown = undefined;
      entry.nextLookAt = 0;
    },
    readEarly(entry) {
      try {
        entry.value = valueText.parse(entry.text as string);
      } catch {
        if (!entry.text?.includes('"class"')) isPresent(entry);
      }
    },
    isPresent,
    forgive({ key }) {
      warner.reset('storage-corrupt', key);
    },
  };
}
