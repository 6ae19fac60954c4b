// The state itself: values, looks for in-place changes, notifications, writing and reading again.
import { systemClock as clock } from '../browser/clock.js';
import { reportListenerError } from '../browser/report-error.js';
import { itemNames, openStorage, readItem, tabStorage, writeItem } from '../browser/web-storage.js';
import { absent, createDelivery, type Delivery } from '../core/batch.js';
import type { Unsubscribe } from '../core/listeners.js';
import { shareUnchanged } from '../core/values/shared-copy.js';
import { type ValueText, valueTextOf } from '../core/values/text.js';
import type { Warner, Warning } from '../core/warning.js';
import { UnserializableValueError } from '../errors.js';
import { classes } from '../registered-classes.js';
import { attend, join, type Member, openAll, rereadAll, watchUser } from './page.js';
import type { Shape } from './shape.js';

/** What is known of one key, from its first mention on; it stays when the key is removed. */
export interface Entry {
  readonly key: string;
  /** Of its item in storage; kept, because engines convert a new string at every call. */
  readonly name: string;
  /** It is called like a method, which wins by dot; `undefined`: nobody has read it by dot. */
  isMember: boolean | undefined;
  /** `unread` while only the text is known; `absent` while the key is missing. */
  value: unknown;
  /**
   * Of the value when it was last looked at. `null`: not looked at since it was set. `undefined`: no text keeps it. Of a
   * missing key: a text that cannot be read and stays where it is.
   */
  text: string | null | undefined;
  /** What stands in storage, as far as this page has read or written it. */
  stored: string | undefined;
  version: number;
  /** Waits to be written. */
  isMarked: boolean;
  /** Waits for the tick. */
  isTouched: boolean;
  /** Its object was handed out or set: it may change without a word. */
  isOut: boolean;
  /** Never stored on this page. */
  isSecret: boolean;
  /** What refs show of an object; `undefined`: nobody has asked since it was set. */
  shown: unknown;
  /** When it may be looked at again without being asked, ms; below 0: it was set again, and may have changed in place. */
  nextLookAt: number;
}

export interface StateOptions {
  prefix: string;
  /** Whether a method is called so. */
  isMember(key: string): boolean;
  ask: () => Storage | null | undefined;
  warner: Warner;
}

/** The live values by key, their texts in storage, and who is told of changes. */
export interface State extends Pick<Delivery<unknown>, 'subscribe' | 'listen' | 'batch'> {
  get(key: string): unknown;
  /** Like `get`, but `undefined` for a key that is called like a method. */
  getOther(key: string): unknown;
  has(key: string): boolean;
  /** In order of insertion; those that storage held come first, sorted. */
  keys(): string[];
  set(key: string, value: unknown): void;
  /** Throws what `set` would throw for this value. */
  check(key: string, value: unknown): void;
  delete(key: string): boolean;
  clear(): void;
  version(key?: string): number;
  flush(): void;
  /** Forgets everything but the listeners; the storage is asked again. */
  reset(): void;
  /** Never stores this key on this page again; an older text goes. */
  keepInMemory(key: string): void;
  readonly text: ValueText;
  /** What is known of a key. The members below are for its ref. */
  entry(key: string): Entry;
  /** Whether the key is there, as far as that is known without the storage. */
  isKnown(key: string): boolean;
  /** Whether it has a value; what could not be read has none. */
  isPresent(entry: Entry): boolean;
  /** The value, to be looked at in the tick. */
  read(entry: Entry): unknown;
  /** What a ref shows: the object itself until it is found changed in place, a snapshot then. */
  show(entry: Entry): unknown;
  /** Looks at the object now, unless the last look took long. What it finds is told in the tick. */
  lookNow(entry: Entry): void;
  /** Sets a missing key; told in the tick, because this happens inside a read. */
  init(entry: Entry, value: unknown): void;
}

/** The value of an entry whose text has not been read yet. */
const unread: object = {};
/** What `look` returns when it finds nothing. */
const unchanged: object = {};

/** Texts of this many characters in all are read at first use, so that broken ones are told of at once. */
const eagerLength = 32_768;
/** An implicit look that took this long, ms, makes the next one wait … */
const slowLook = 1;
/** … this many times as long, so that looks take a twentieth of the time. */
const restFactor = 20;
/** Looks at shorter texts are not timed. */
const timedLength = 10_000;
/** Ticks in a row with in-place changes after which listeners count as a loop. */
const maxTicks = 100;
const settled = Promise.resolve();

export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && value !== absent;

/**
 * One closure, so that values, looks, ticks and writing share their variables; the parts stand in the order in which a
 * value passes them.
 */
export function createState({ prefix, isMember, ask, warner }: StateOptions, shape?: Shape, isStrict = false): State {
  const version = shape?.version;
  const text = valueTextOf(classes);
  const { format, parse, parseVersioned } = text;
  const entries = new Map<string, Entry>();
  let isOpen = false;
  /** What the tick looks at and writes. A list and a flag on each take a third of the time of a Set. */
  let touched: Entry[] = [];
  /** Changes that are told in the tick, with the previous value. */
  const late = new Map<Entry, unknown>();
  const deferred = new Set<Entry>();
  let isScheduled = false;
  let ticksInRow = 0;
  /** Those that storage refused. */
  const refused = new Set<Entry>();
  /** Keys whose refs have had listeners. */
  const shownKeys = new Set<string>();

  const warn = (code: string, message: string, key?: string, cause?: unknown): void =>
    warner.warn({ code, message: `sessionState: ${message}`, key, cause } as Warning);
  const onLoop = (keys: string[]): void => warn('update-loop', `listeners change "${keys.join('", "')}" for ever.`);
  const delivery = createDelivery<unknown>({
    report: reportListenerError,
    onLoop,
    later: (run) => clock.after(0, run),
  });
  const { batch, isHeard, changed } = delivery;

  const member: Member = {
    prefix,
    isTab: ask === tabStorage,
    longer: [],
    open,
    flush: () => settle(true),
    look() {
      for (const entry of entries.values()) if (entry.isOut) touch(entry);
      settle(false);
    },
    reread,
  };

  // ---- entries and what their texts say

  function entryOf(key: string, name?: string): Entry {
    let entry = entries.get(key);
    if (!entry) {
      entry = {
        key,
        name: name ?? prefix + key,
        isMember: undefined,
        value: absent,
        text: undefined,
        stored: undefined,
        version: 0,
        isMarked: false,
        isTouched: false,
        isOut: false,
        isSecret: false,
        shown: undefined,
        nextLookAt: 0,
      };
      entries.set(key, entry);
    }
    return entry;
  }

  function open(): void {
    if (isOpen) return;
    isOpen = true;
    const opened = openStorage(ask);
    if (typeof opened === 'string') {
      attend(member);
      const server =
        'WorkerGlobalScope' in globalThis
          ? ''
          : ' On a server use createSessionState() per request: visitors share this one.';
      if (opened === 'no-document') warn(opened, `without a document values stay in memory.${server}`);
      else warn(opened, 'no access to storage: values are gone after a reload.');
      return;
    }
    member.storage = opened;
    join(member, (other) => warn('prefix-overlap', `the prefixes "${prefix}" and "${other}" overlap.`));
    let length = 0;
    for (const name of itemNames(opened, prefix)) {
      const text = readOwn(name);
      if (text === undefined) continue;
      const entry = entryOf(name.slice(prefix.length), name);
      entry.value = unread;
      entry.text = entry.stored = text;
      length += text.length;
    }
    if (length > eagerLength) return;
    // the class of an instance may be registered later
    for (const entry of entries.values())
      if (entry.value === unread && !entry.text?.includes('"class"'))
        try {
          isPresent(entry);
        } catch {
          // an asynchronous schema: that is told where its key is read
        }
  }

  /** Whether the key is there. Reads a text that was not read yet; a key whose text cannot be read is missing. */
  function isPresent(entry: Entry): boolean {
    // refs keep their entry over a reset
    open();
    if (entry.value === unread && readText(entry)) mark(entry);
    return entry.value !== absent;
  }

  /** @returns whether the value is not what the text says any more, but what `migrate` or a schema made of it */
  function readText(entry: Entry): boolean {
    const { key } = entry;
    let stored: ReturnType<typeof parseVersioned>;
    try {
      stored = parseVersioned(entry.text as string);
      if (!shape && stored.version !== undefined) throw new Error('a shape of its own');
    } catch {
      entry.value = absent;
      // without a cause: the engines quote the text in their errors
      warn('storage-corrupt', `the text of "${key}" cannot be read. Set or delete it.`, key);
      classes.onRegister(rereadBroken);
      return false;
    }
    const value = shape ? shape.accept(key, stored.value, stored.version, warn) : stored.value;
    entry.value = value;
    if (value === absent || (value === stored.value && stored.version === version)) return false;
    // known now: what changes in place from here on is told
    entry.text = encode(entry);
    return true;
  }

  /** Keys that were unreadable for want of a class may be readable now. */
  function rereadBroken(): void {
    batch(() => {
      // a list: one that is still broken goes to the end of the map
      for (const entry of [...entries.values()])
        if (entry.value === absent && entry.text?.includes('"class"')) takeOver(entry, entry.text);
    });
  }

  /** The text that could not be read is gone, or another one can. */
  function forgive({ key }: Entry): void {
    warner.reset('storage-corrupt', key);
    warner.reset('storage-invalid', key);
  }

  // ---- reading and setting

  function get(key: string): unknown {
    open();
    const entry = entries.get(key);
    return entry === undefined ? undefined : read(entry);
  }

  function read(entry: Entry): unknown {
    const { value } = entry;
    if (typeof value !== 'object' || value === null) return value;
    if (value === absent) return undefined;
    if (value === unread) return isPresent(entry) ? read(entry) : undefined;
    touch(entry);
    return value;
  }

  function has(key: string): boolean {
    open();
    const entry = entries.get(key);
    return entry !== undefined && isPresent(entry);
  }

  function keys(): string[] {
    open();
    return [...entries.values()].filter(isPresent).map(({ key }) => key);
  }

  function set(key: string, value: unknown): void {
    open();
    const entry = entryOf(key);
    isPresent(entry);
    const { value: previous } = entry;
    if (Object.is(previous, value)) {
      setSame(entry);
      return;
    }
    check(key, value);
    if (previous === absent) forgive(entry);
    assign(entry, value);
    if (!isHeard(key)) return;
    bringUpToDate(entry);
    tell(entry, previous);
  }

  function setSame(entry: Entry): void {
    // another script may have cleared the storage
    mark(entry);
    if (!isObject(entry.value)) return;
    // looked at in any case, and now if anybody can tell the difference
    entry.nextLookAt = -1;
    touch(entry);
    const previous = isHeard(entry.key) ? look(entry) : unchanged;
    if (previous !== unchanged) tell(entry, previous);
  }

  function check(key: string, value: unknown): void {
    if (!isStrict || entries.get(key)?.isSecret) return;
    const text = format(value);
    if (typeof text !== 'string') throw new UnserializableValueError(key, key + text.path, text.typeName);
  }

  function assign(entry: Entry, value: unknown): void {
    hold(entry, value, null);
    entry.version++;
    mark(entry);
    if (isObject(value)) touch(entry);
  }

  function hold(entry: Entry, value: unknown, text: string | null): void {
    if (entry.value === absent) {
      // to the end of the list
      entries.delete(entry.key);
      entries.set(entry.key, entry);
    }
    entry.value = value;
    entry.text = text;
    entry.shown = undefined;
    entry.nextLookAt = 0;
  }

  function remove(key: string): boolean {
    const wasThere = has(key);
    const entry = entries.get(key);
    if (!entry) return false;
    // also one that cannot be read
    entry.text = undefined;
    forgive(entry);
    mark(entry);
    if (wasThere) drop(entry, entry.value);
    return wasThere;
  }

  function clear(): void {
    open();
    batch(() => {
      for (const key of [...entries.keys()]) remove(key);
    });
  }

  /** The key is missing from now on. */
  function drop(entry: Entry, previous: unknown): void {
    entry.value = absent;
    entry.shown = undefined;
    entry.version++;
    warner.reset('unserializable', entry.key);
    tell(entry, previous);
  }

  // ---- looking for changes in place

  /** The text of the value as it is now; `undefined`: no text keeps it. */
  function encode(entry: Entry): string | undefined {
    const { key, value, isSecret } = entry;
    const text = format(value);
    if (typeof text === 'string') {
      warner.reset('unserializable', key);
      return version === undefined ? text : `${text.slice(0, -1)},"version":${version}}`;
    }
    if (!isSecret) {
      const cause = new UnserializableValueError(key, key + text.path, text.typeName);
      warner.warn({ code: 'unserializable', message: cause.message, key, cause });
    }
    return undefined;
  }

  /** The text of the value as it was last looked at; now, if it never was. */
  function textOf(entry: Entry): string | undefined {
    if (entry.text !== null) return entry.text;
    entry.nextLookAt = 0;
    return (entry.text = encode(entry));
  }

  const isSameLeaf = (a: object, b: object): boolean => format(a) === format(b);

  /**
   * Encodes the object and compares the texts.
   *
   * @returns what it was, a copy, if it changed in place since the last look and somebody wants to know; else `undefined`
   */
  function look(entry: Entry): unknown {
    const { text: before, key } = entry;
    const start = before && before.length > timedLength ? clock.monotonic() : 0;
    const text = encode(entry);
    entry.nextLookAt = 0;
    if (start) {
      const end = clock.monotonic();
      if (end - start >= slowLook) entry.nextLookAt = end + restFactor * (end - start);
    }
    if (text === before) return unchanged;
    entry.text = text;
    // set since: that was told
    if (before === null) return unchanged;
    entry.version++;
    // not queued: what is looked at is in the tick, or waits for it
    entry.isMarked = true;
    const shown = entry.shown ?? (shownKeys.has(key) ? entry.value : undefined);
    entry.shown = undefined;
    let previous: unknown;
    try {
      if (before && (shown !== undefined || isHeard(key))) previous = parse(before);
      if (shown !== undefined) {
        entry.shown = text && parse(text);
        // with shared or circular parts there is no tree to compare part by part
        if (!text?.includes('"referentialEqualities"'))
          entry.shown = shareUnchanged(entry.shown, previous, shown, isSameLeaf);
      }
    } catch {
      // a copy may take more stack than the text did: the change is told and stored all the same
    }
    return previous;
  }

  /** Looks, if the object may have changed by what is known of it; what it finds was told. */
  function bringUpToDate(entry: Entry): void {
    if (isObject(entry.value) && (entry.nextLookAt < 0 || entry.text === null)) look(entry);
  }

  /** The last look took so long that the next one waits. */
  const isResting = ({ nextLookAt }: Entry): boolean => nextLookAt > 0 && clock.monotonic() < nextLookAt;

  // ---- ticks: in the microtasks after the running code objects are looked at, texts written, listeners told

  /** The object was handed out or set: it is looked at in the tick, and at every flush from now on. */
  function touch(entry: Entry): void {
    if (!entry.isOut) {
      entry.isOut = true;
      watchUser();
    }
    if (!entry.isTouched) queue(entry);
  }

  /** The text of this entry may have changed. */
  function mark(entry: Entry): void {
    entry.isMarked = true;
    if (!entry.isTouched) queue(entry);
  }

  function queue(entry: Entry): void {
    entry.isTouched = true;
    touched.push(entry);
    if (isScheduled) return;
    isScheduled = true;
    // in Chromium a third of the cost of queueMicrotask
    settled.then(tick);
  }

  function tick(): void {
    isScheduled = false;
    settle(false);
  }

  /** @param isForced - looks at every object that was ever handed out or set, and tries refused writes again */
  function settle(isForced: boolean): void {
    if (isForced) {
      refused.forEach(mark);
      for (const entry of entries.values()) if ((entry.isOut || entry.isMarked) && !entry.isTouched) queue(entry);
    }
    const found: Entry[] = [];
    const written: string[] = [];
    const canWrite = member.storage && !isHeld();
    if (canWrite) openAll(prefix);
    // whoever is warned may set more
    while (touched.length > 0) {
      const list = touched;
      touched = [];
      for (const entry of list) {
        entry.isTouched = false;
        if (lookInTick(entry, isForced)) found.push(entry);
      }
      if (!canWrite) continue;
      for (const entry of list) if (entry.isMarked && write(entry)) written.push(entry.name);
    }
    if (written.length > 0) rereadAll(member.storage, written, member);
    if (late.size === 0) return;
    if (!isForced && found.some(({ key }) => isHeard(key)) && isLooping(found)) return;
    batch(() => {
      for (const [entry, previous] of [...late]) tell(entry, previous);
    });
    // what listeners set during a forced flush is part of it
    if (isForced && touched.some(({ isMarked }) => isMarked)) settle(false);
  }

  /** @returns whether the object was found changed */
  function lookInTick(entry: Entry, isForced: boolean): boolean {
    if (!isObject(entry.value)) entry.isOut = false;
    else if (!isForced && isResting(entry)) defer(entry);
    else {
      const previous = look(entry);
      if (previous === unchanged) return false;
      note(entry, previous);
      return true;
    }
    return false;
  }

  function isLooping(found: Entry[]): boolean {
    if (ticksInRow++ === 0)
      clock.after(0, () => {
        ticksInRow = 0;
      });
    if (ticksInRow < maxTicks) return false;
    for (const entry of found) late.delete(entry);
    if (ticksInRow === maxTicks) onLoop(found.map(({ key }) => key));
    return true;
  }

  /** Looks later, when the page has nothing else to do: the last look took long. */
  function defer(entry: Entry): void {
    deferred.add(entry);
    if (deferred.size > 1) return;
    clock.after(entry.nextLookAt - clock.monotonic(), () =>
      clock.whenIdle(() => {
        deferred.forEach(touch);
        deferred.clear();
      }, 1000),
    );
  }

  /** Tells of the change in the tick, and of several once: from the oldest value that somebody knows. */
  function note(entry: Entry, previous: unknown): void {
    if ((late.get(entry) ?? absent) === absent) late.set(entry, previous);
  }

  function tell(entry: Entry, previous: unknown): void {
    note(entry, previous);
    const oldest = late.get(entry);
    late.delete(entry);
    if (!isHeard(entry.key)) return;
    // listeners receive the object itself
    if (isObject(entry.value)) touch(entry);
    changed(entry.key, entry.value, oldest, entry.shown);
  }

  // ---- writing

  /** The item's text, unless a state of a longer prefix owns it; almost always there is none. */
  const isOwn = (name: string): boolean =>
    member.longer.length === 0 || !member.longer.some((other) => name.startsWith(other));
  const readOwn = (name: string): string | undefined =>
    isOwn(name) ? readItem(member.storage as Storage, name) : undefined;
  /** A prerendering page waits until it is shown. */
  const isHeld = (): boolean => typeof document === 'object' && !!(document as { prerendering?: boolean }).prerendering;

  /** @returns whether the item is another one now */
  function write(entry: Entry): boolean {
    const { key, name, stored, isSecret } = entry;
    const storage = member.storage as Storage;
    const want = isOwn(name) && !isSecret ? textOf(entry) : undefined;
    entry.isMarked = false;
    // another script may have cleared the storage; what was set since is wanted there
    const isThere = want === stored && (want === undefined || readItem(storage, name) === want);
    const refusal = isThere ? undefined : writeItem(storage, name, want);
    if (refusal) {
      refused.add(entry);
      const { code, cause } = refusal;
      if (code === 'storage-full')
        warn(code, `no room for "${key}" (${want?.length} characters). Delete keys.`, key, cause);
      else warn(code, `storage refused "${key}", which stays in memory.`, key, cause);
      return false;
    }
    entry.stored = want;
    if (refused.delete(entry)) {
      warner.reset('storage-full', key);
      warner.reset('storage-failed', key);
    }
    // there is room again
    if (refused.size > 0 && stored !== undefined && (want === undefined || want.length < stored.length))
      refused.forEach(mark);
    return want !== stored;
  }

  // ---- reading again

  function reread(names: string[] | undefined, waitingWins: boolean): void {
    const texts = new Map<Entry, string | undefined>();
    const known = names ? [] : [...entries.values()].map(({ name }) => name);
    for (const name of new Set([...(names ?? itemNames(member.storage as Storage, prefix)), ...known])) {
      if (!name.startsWith(prefix)) continue;
      const entry = entryOf(name.slice(prefix.length));
      const text = readOwn(name);
      if (text === entry.stored) continue;
      entry.stored = text;
      if (waitingWins && entry.isMarked) continue;
      entry.isMarked = false;
      texts.set(entry, text);
    }
    if (texts.size > 0)
      batch(() => {
        for (const [entry, text] of texts) takeOver(entry, text);
      });
  }

  /** Somebody else wrote this text. */
  function takeOver(entry: Entry, text: string | undefined): void {
    if (entry.value !== absent && entry.text === text) return;
    if (entry.value === unread && text !== undefined && !isHeard(entry.key)) {
      entry.text = text;
      entry.version++;
      return;
    }
    const wasThere = isPresent(entry);
    const { value: previous } = entry;
    if (text === undefined) {
      if (wasThere) drop(entry, previous);
      entry.text = text;
      forgive(entry);
      return;
    }
    hold(entry, unread, text);
    // not written, if the shape is another one: between two pages that could go on for ever
    readText(entry);
    if (entry.value !== absent) {
      forgive(entry);
      entry.version++;
      tell(entry, previous);
    } else if (wasThere) drop(entry, previous);
  }

  /** Somebody has subscribed. */
  function attended(end: Unsubscribe): Unsubscribe {
    if (!isOpen) attend(member);
    // what was set in this task may still change in place; what has changed so far was before
    for (const entry of touched) if (isHeard(entry.key)) bringUpToDate(entry);
    return end;
  }

  return {
    get,
    getOther(key) {
      const entry = entries.get(key);
      return entry === undefined || (entry.isMember ??= isMember(key)) ? undefined : read(entry);
    },
    has,
    keys,
    set,
    check,
    delete: remove,
    clear,
    version(key) {
      const asked = key === undefined ? [...entries.values()] : [entries.get(key)];
      return asked.reduce((sum, entry) => {
        if (entry) bringUpToDate(entry);
        return sum + (entry?.version ?? 0);
      }, 0);
    },
    flush() {
      open();
      settle(true);
    },
    reset() {
      clear();
      settle(true);
      for (const entry of entries.values())
        Object.assign(entry, { version: 0, isMarked: false, isSecret: false, text: undefined, stored: undefined });
      isOpen = false;
      delete member.storage;
      member.longer.length = 0;
    },
    keepInMemory(key) {
      open();
      const entry = entryOf(key);
      entry.isSecret = true;
      mark(entry);
    },
    subscribe: (...args: unknown[]) => attended(delivery.subscribe(...(args as [never, never]))),
    listen(key, hear) {
      shownKeys.add(key);
      return attended(delivery.listen(key, hear));
    },
    batch,
    text,
    entry(key) {
      open();
      return entryOf(key);
    },
    isKnown(key) {
      const entry = entries.get(key);
      return entry !== undefined && isPresent(entry);
    },
    isPresent,
    read,
    show(entry) {
      if (!isPresent(entry)) return undefined;
      if (!isObject(entry.value)) return entry.value;
      bringUpToDate(entry);
      entry.shown ??= entry.value;
      if (entry.shown === entry.value) touch(entry);
      return entry.shown;
    },
    lookNow(entry) {
      if (!entry.isTouched || !isObject(entry.value) || entry.text === null || isResting(entry)) return;
      const previous = look(entry);
      if (previous !== unchanged) note(entry, previous);
    },
    init(entry, value) {
      check(entry.key, value);
      assign(entry, value);
      note(entry, absent);
      // it may change in place before it is told
      if (isHeard(entry.key)) bringUpToDate(entry);
    },
  };
}
