import { absent } from '../core/batch.js';
import type { ValueText } from '../core/value-text.js';
import type { Warner } from '../core/warning.js';
import { createEntry, type Entry, unread } from './entry.js';
import type { Accepted, Shape } from './shape.js';

export interface EntriesOptions {
  prefix: string;
  valueText: ValueText;
  shape: Shape;
  warner: Warner;
  /** Whether a method is called so. */
  isMember(key: string): boolean;
  /** A text could not be read; a class that is registered later may change that. */
  onBroken(): void;
  /** The value is not what its text says: it was migrated, or its schema made another one. */
  onNew(entry: Entry): void;
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

export function createEntries({
  prefix,
  valueText,
  shape,
  warner,
  isMember,
  onBroken,
  onNew,
}: EntriesOptions): Entries {
  const all = new Map<string, Entry>();
  let isSorted = false;

  function isPresent(entry: Entry): boolean {
    if (entry.value === unread) readText(entry, false);
    return entry.value !== absent;
  }

  function readText(entry: Entry, isEarly: boolean): void {
    const { key } = entry;
    const text = entry.text as string;
    let value: unknown;
    let accepted: Accepted | undefined;
    try {
      value = valueText.parse(text);
    } catch {
      if (isEarly && text.includes('"class"')) return;
      // not as a cause: the engines quote the text in their errors
      entry.value = absent;
      warner.warn({
        code: 'storage-corrupt',
        message: `sessionState: the stored text of key "${key}" cannot be read, so the key is missing. Set or delete it, or give its class to registerClass().`,
        key,
      });
      onBroken();
      return;
    }
    try {
      accepted = shape.accept(key, value, text);
    } catch (error) {
      // told where the key is read
      if (isEarly) return;
      throw error;
    }
    entry.value = accepted ? accepted.value : absent;
    if (accepted?.isNew) onNew(entry);
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
    readEarly: (entry) => readText(entry, true),
    isPresent,
    forgive({ key }) {
      warner.reset('storage-corrupt', key);
      warner.reset('storage-invalid', key);
    },
  };
}
