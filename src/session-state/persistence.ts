import { itemNames, listNames, openStorage, readItem, writeItem } from '../browser/web-storage.js';
import type { Warner } from '../core/warning.js';
import type { Entry } from './entry.js';
import { join, type Member, openWaiting } from './page.js';

export interface PersistenceOptions {
  prefix: string;
  ask: () => Storage | null | undefined;
  warner: Warner;
  /** All that are known, by key. */
  entries: ReadonlyMap<string, Entry>;
  entryOf(key: string): Entry;
  /** What storage should hold; `undefined`: nothing. */
  textOf(entry: Entry): string | undefined;
  /** Looks at everything and writes. */
  flush(): void;
  /** Somebody else wrote, or removed, these texts. */
  onTexts(texts: Map<Entry, string | undefined>): void;
}

/** The texts of one state in storage: what is written when, who else writes, and trouble. */
export interface Persistence {
  /** Asks for the storage and hands every item of this state over, in no order. */
  open(onItem: (key: string, name: string, text: string) => void): void;
  /** Leaves the page's states; `open` begins anew. */
  close(): void;
  /** The text of this entry may have changed. */
  mark(entry: Entry): void;
  /** Whether something waits to be written. */
  isWaiting(): boolean;
  /** Writes what is marked; `isForced`: tries refused ones again. */
  write(isForced: boolean): void;
}

export function createPersistence(options: PersistenceOptions): Persistence {
  const { prefix, ask, warner, entries, entryOf, textOf, flush, onTexts } = options;
  /** A list and a flag on each, in a third of the time of a Set; those that are written or dropped lose the flag. */
  let marked: Entry[] = [];
  const refused = new Set<Entry>();
  const longer: string[] = [];
  let storage: Storage;
  let namesakes: Member[] | undefined;
  const mark = (entry: Entry): void => {
    if (entry.isMarked) return;
    entry.isMarked = true;
    marked.push(entry);
  };

  /** The item's text, unless a state of a longer prefix owns it; almost always there is none. */
  const isOurs = (name: string): boolean => longer.length === 0 || !longer.some((other) => name.startsWith(other));
  const read = (name: string): string | undefined => (isOurs(name) ? readItem(storage, name) : undefined);
  // a page that has been activated does not prerender again
  let mayBeHeld = true;
  const isHeld = (): boolean =>
    mayBeHeld && (mayBeHeld = typeof document === 'object' && !!(document as { prerendering?: boolean }).prerendering);

  /** What storage refused is no matter any more. */
  function settle(entry: Entry): void {
    if (refused.size === 0 || !refused.delete(entry)) return;
    warner.reset('storage-full', entry.key);
    warner.reset('storage-failed', entry.key);
  }

  /** @returns whether room was freed */
  function writeOne(entry: Entry): boolean {
    const { key, name, stored } = entry;
    const want = isOurs(name) ? textOf(entry) : undefined;
    entry.isMarked = false;
    const refusal = want === stored ? undefined : writeItem(storage, name, want);
    if (refusal) {
      refused.add(entry);
      warner.warn({
        ...refusal,
        key,
        message:
          refusal.code === 'storage-full'
            ? `sessionState: sessionStorage is full, so the key "${key}" (${want?.length} characters) is in memory only. Delete or shrink keys; it is tried again then.`
            : `sessionState: sessionStorage refused the key "${key}", which is in memory only. It is tried again at flush() and when the page is left.`,
      });
      return false;
    }
    entry.stored = want;
    settle(entry);
    return stored !== undefined && (want === undefined || want.length < stored.length);
  }

  const member: Member = {
    prefix,
    get storage() {
      return storage;
    },
    longer,
    flush,
    reread(names, waitingWins) {
      const texts = new Map<Entry, string | undefined>();
      const known = names ? [] : [...entries.values()].map((entry) => entry.name);
      for (const name of new Set([...(names ?? itemNames(storage, prefix)), ...known])) {
        if (!name.startsWith(prefix)) continue;
        const entry = entryOf(name.slice(prefix.length));
        const text = read(name);
        if (text === entry.stored) continue;
        entry.stored = text;
        if (waitingWins && entry.isMarked) continue;
        entry.isMarked = false;
        settle(entry);
        texts.set(entry, text);
      }
      if (texts.size > 0) onTexts(texts);
    },
  };

  return {
    open(onItem) {
      const opened = openStorage(ask);
      if (typeof opened === 'string') {
        warner.warn({
          code: opened,
          message:
            opened === 'no-document'
              ? 'sessionState: there is no document here, so values stay in memory only. On a server the default state is shared by all visitors: use createSessionState() per request.'
              : 'sessionState: this page has no access to sessionStorage, so values stay in memory only and are gone after a reload.',
        });
        return;
      }
      storage = opened;
      namesakes = join(member, (other) =>
        warner.warn({
          code: 'prefix-overlap',
          message: `sessionState: the prefixes "${prefix}" and "${other}" overlap. A text belongs to the longest one; choose prefixes that do not begin with each other.`,
        }),
      );
      for (const name of listNames(storage, prefix)) {
        const text = read(name);
        if (text !== undefined) onItem(name.slice(prefix.length), name, text);
      }
    },
    close() {
      namesakes?.splice(namesakes.indexOf(member), 1);
      namesakes = undefined;
    },
    mark,
    isWaiting: () => marked.some((entry) => entry.isMarked),
    write(isForced) {
      if (!namesakes || isHeld()) return;
      if (isForced) refused.forEach(mark);
      if (marked.length === 0) return;
      openWaiting(prefix);
      let isFreed = false;
      const isShared = namesakes.length > 1;
      const written: string[] = [];
      const put = (entry: Entry): void => {
        const { stored } = entry;
        if (writeOne(entry)) isFreed = true;
        if (isShared && entry.stored !== stored) written.push(entry.name);
      };
      // whoever is warned may set more
      while (marked.length > 0) {
        const list = marked;
        marked = [];
        for (const entry of list) if (entry.isMarked) put(entry);
      }
      if (isFreed) for (const entry of [...refused]) put(entry);
      for (const other of isShared && written.length > 0 ? namesakes : [])
        if (other !== member && other.storage === storage) other.reread(written, true);
    },
  };
}
