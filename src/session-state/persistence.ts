import { on, onLeave, onShow } from '../browser/page-life.js';
import { itemNames, openStorage, readItem, removeItem, writeItem } from '../browser/web-storage.js';
import type { Warner } from '../core/warning.js';
import { shared } from '../registry.js';

/** What one state tells the page's others, and what the page tells it. */
interface Member {
  readonly prefix: string;
  readonly storage: Storage;
  /** Looks at everything and writes. */
  flush(): void;
  /** Takes over what somebody else wrote, in the items of these names or in all; what waits to be written wins if `waitingWins`. */
  reread(names: string[] | undefined, waitingWins: boolean): void;
  /** Another state of a longer prefix owns items that this one may have. */
  yieldItems(): void;
}

/** One set of states and browser listeners per page, for all copies of the library. */
interface Page {
  /** By prefix. */
  members: Map<string, Member[]>;
  isListening: boolean;
}

export interface PersistenceOptions {
  prefix: string;
  ask: () => Storage | null | undefined;
  warner: Warner;
  /** What storage should hold for this key; `undefined`: nothing. */
  textOf(key: string): string | undefined;
  /** Whether this key was set and waits for its tick. */
  isPending(key: string): boolean;
  /** Looks at everything and writes. */
  flush(): void;
  /** Somebody else wrote, or removed, the texts of these keys. */
  onTexts(texts: Map<string, string | undefined>): void;
}

/** The texts of one state in storage: what is written when, who else writes, and trouble. Keys are without prefix. */
export interface Persistence {
  /** What storage held at first use, or what was written since. */
  readonly stored: ReadonlyMap<string, string>;
  /** Asks for the storage and reads it, at the first call; nothing after that. */
  open(): void;
  /** The text of this key may have changed. */
  mark(key: string): void;
  /** Writes what is marked; `isForced`: tries refused ones again. */
  write(isForced: boolean): void;
}

export function createPersistence({
  prefix,
  ask,
  warner,
  textOf,
  isPending,
  flush,
  onTexts,
}: PersistenceOptions): Persistence {
  const stored = new Map<string, string>();
  let marked = new Set<string>();
  const refused = new Set<string>();
  let storage: Storage | undefined;
  let page: Page | undefined;
  let isOpen = false;

  /** Other prefixes of which one begins with the other. */
  const overlapping = (): Member[] => {
    const found: Member[] = [];
    for (const [other, members] of page?.members ?? [])
      if (other !== prefix && (other.startsWith(prefix) || prefix.startsWith(other)))
        found.push(...members.filter((one) => one.storage === storage));
    return found;
  };
  const longerPrefixes = (): string[] =>
    overlapping()
      .map((other) => other.prefix)
      .filter((other) => other.length > prefix.length);
  /** Names that a state of a longer prefix owns; almost always there is none. */
  let foreign: string[] = [];
  const isOurs = (name: string): boolean => !foreign.some((other) => name.startsWith(other));
  // a page that has been activated does not prerender again
  let mayBeHeld = true;
  const isHeld = (): boolean =>
    mayBeHeld &&
    (mayBeHeld = typeof document !== 'undefined' && (document as { prerendering?: boolean }).prerendering === true);

  /** Kept, because engines convert a new string at every call. */
  const names = new Map<string, string>();
  function nameOf(key: string): string {
    let name = names.get(key);
    if (name === undefined) {
      name = prefix + key;
      names.set(key, name);
    }
    return name;
  }

  /** @returns whether room was freed */
  function writeOne(key: string): boolean {
    const name = nameOf(key);
    const have = stored.get(key);
    const want = foreign.length > 0 && !isOurs(name) ? undefined : textOf(key);
    marked.delete(key);
    refused.delete(key);
    if (want === have) return false;
    if (want === undefined) {
      removeItem(storage!, name);
      stored.delete(key);
      names.delete(key);
      return true;
    }
    const refusal = writeItem(storage!, name, want);
    if (refusal) {
      refused.add(key);
      const { code, cause } = refusal;
      const message =
        code === 'storage-full'
          ? `sessionState: sessionStorage is full, so the key "${key}" (${want.length} characters) is in memory only. Delete or shrink keys; it is tried again then.`
          : `sessionState: sessionStorage refused the key "${key}", which is in memory only. It is tried again at flush() and when the page is left.`;
      warner.warn({ code, message, key, cause });
      return false;
    }
    stored.set(key, want);
    warner.reset('storage-full', key);
    warner.reset('storage-failed', key);
    return have !== undefined && want.length < have.length;
  }

  const member: Member = {
    prefix,
    get storage() {
      return storage as Storage;
    },
    flush,
    reread(names, waitingWins) {
      const all = names ?? [
        ...new Set([...itemNames(storage!, prefix), ...[...stored.keys()].map((key) => prefix + key)]),
      ];
      const texts = new Map<string, string | undefined>();
      for (const name of all) {
        if (!name.startsWith(prefix) || !isOurs(name)) continue;
        const key = name.slice(prefix.length);
        const text = readItem(storage!, name);
        if (text === stored.get(key)) continue;
        if (text === undefined) stored.delete(key);
        else stored.set(key, text);
        if (waitingWins && (marked.has(key) || isPending(key))) continue;
        marked.delete(key);
        refused.delete(key);
        texts.set(key, text);
      }
      if (texts.size > 0) onTexts(texts);
    },
    yieldItems() {
      foreign = longerPrefixes();
      const texts = new Map<string, undefined>();
      for (const key of [...stored.keys()])
        if (!isOurs(prefix + key)) {
          stored.delete(key);
          marked.delete(key);
          texts.set(key, undefined);
        }
      if (texts.size > 0) onTexts(texts);
    },
  };

  function join(): void {
    const joined = (page = shared<Page>('sessionPages', () => ({ members: new Map(), isListening: false })));
    const namesakes = joined.members.get(prefix);
    if (namesakes) namesakes.push(member);
    else joined.members.set(prefix, [member]);
    const others = overlapping();
    if (others.length > 0) {
      foreign = longerPrefixes();
      for (const other of others) other.yieldItems();
      warner.warn({
        code: 'prefix-overlap',
        message: `sessionState: the prefixes "${prefix}" and "${others[0]!.prefix}" overlap. A text belongs to the longest one; choose prefixes that do not begin with each other.`,
      });
    }
    if (joined.isListening || typeof window === 'undefined') return;
    joined.isListening = true;
    const each = (work: (member: Member) => void): void => [...joined.members.values()].flat().forEach(work);
    onLeave(() => each((one) => one.flush()));
    onShow((isPersisted) => {
      if (isPersisted) each((one) => one.reread(undefined, true));
    });
    // a prerendering page has an area of its own, which the browser throws away
    on(document, 'prerenderingchange', () =>
      each((one) => {
        one.reread(undefined, false);
        one.flush();
      }),
    );
    on<StorageEvent>(window, 'storage', ({ storageArea, key }) =>
      each((one) => {
        if (one.storage === storageArea) one.reread(key === null ? undefined : [key], true);
      }),
    );
  }

  return {
    stored,
    open() {
      if (isOpen) return;
      isOpen = true;
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
      join();
      for (const name of itemNames(storage, prefix)) {
        const text = isOurs(name) ? readItem(storage, name) : undefined;
        if (text !== undefined) stored.set(name.slice(prefix.length), text);
      }
    },
    mark: (key) => marked.add(key),
    write(isForced) {
      if (!storage || isHeld()) return;
      if (marked.size === 0 && !(isForced && refused.size > 0)) return;
      const keys = isForced && refused.size > 0 ? new Set([...marked, ...refused]) : marked;
      marked = new Set();
      const namesakes = page!.members.get(prefix)!;
      const written: string[] | undefined = namesakes.length > 1 ? [] : undefined;
      let isFreed = false;
      for (const key of keys) {
        const before = stored.get(key);
        isFreed = writeOne(key) || isFreed;
        if (written && stored.get(key) !== before) written.push(prefix + key);
      }
      if (isFreed)
        for (const key of [...refused]) {
          writeOne(key);
          if (!refused.has(key)) written?.push(prefix + key);
        }
      if (written && written.length > 0)
        for (const other of namesakes) if (other !== member && other.storage === storage) other.reread(written, true);
    },
  };
}
