import type { Clock } from '../browser/clock.js';
import { reportListenerError } from '../browser/report-error.js';
import { createDelivery, type Delivery } from '../core/batch.js';
import { shareUnchanged } from '../core/shared-copy.js';
import type { ValueText } from '../core/value-text.js';
import type { Warner } from '../core/warning.js';
import { UnserializableValueError } from '../errors.js';
import { createPersistence } from './persistence.js';

/** One key that is there. */
interface Entry {
  readonly key: string;
  value: unknown;
  /** Of the value when it was last looked at. `null`: not looked at since it was set. `undefined`: no text keeps it. */
  text: string | null | undefined;
  version: number;
  /** Stands in the list of the next tick. */
  isTouched: boolean;
  /** Was set since the last tick: its text does not wait. */
  isSet: boolean;
  /** Its object was handed out or set: it may change without a word. */
  isOut: boolean;
  /** What refs show of an object; `undefined`: nobody has asked since it was set. */
  shown: unknown;
  /** When it may be looked at again without being asked, ms. */
  nextLookAt: number;
}

export interface ValuesOptions {
  prefix: string;
  ask: () => Storage | null | undefined;
  isStrict: boolean;
  valueText: ValueText;
  /** Hears when a class is registered. */
  onRegister(listener: () => void): void;
  warner: Warner;
  clock: Clock;
}

/** The live values by key, which of them changed in place, and who is told. */
export interface Values extends Pick<Delivery<unknown>, 'subscribe' | 'batch'> {
  get(key: string): unknown;
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
  /** What a ref shows: the object itself until it is found changed in place, a snapshot then. */
  show(key: string): unknown;
  /** Sets a missing key; told in the tick, because this happens inside a read. */
  init(key: string, value: unknown): void;
  /** Never stores this key on this page again; an older text goes. */
  keepInMemory(key: string): void;
}

/** Stands for a value whose text has not been read yet. */
const unread = {};
const settled = Promise.resolve();
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** An implicit look that took this long, ms, makes the next one wait … */
const slowLook = 1;
/** … this many times as long, so that looking takes a twentieth of the time. */
const restFactor = 20;
/** Shorter texts are not timed. */
const timedLength = 10_000;
/** Texts of this many characters in all are read at first use, so that broken ones are told of at once. */
const eagerLength = 32_768;
/** Ticks in a row with in-place changes after which listeners count as a loop. */
const maxTicks = 100;

export function createValues({ prefix, ask, isStrict, valueText, onRegister, warner, clock }: ValuesOptions): Values {
  const entries = new Map<string, Entry>();
  const goneVersions = new Map<string, number>();
  const memoryOnly = new Set<string>();
  const unreadable = new Set<string>();
  /** Keys that were set inside a read, to be told in the tick. */
  const late = new Set<string>();
  const deferred = new Set<Entry>();
  let touched: Entry[] = [];
  let isScheduled = false;
  let isOpen = false;
  let isListeningForClasses = false;
  let changes = 0;
  let ticksInRow = 0;

  const warnOfLoop = (keys: string[]): void =>
    warner.warn({
      code: 'update-loop',
      message: `sessionState: listeners change each other's keys for ever (${keys.map((key) => `"${key}"`).join(', ')}). They are not told any more in this task; the values stay.`,
    });
  const delivery = createDelivery<unknown>({
    report: reportListenerError,
    onLoop: warnOfLoop,
    later: (run) => void clock.after(0, run),
  });
  const persistence = createPersistence({
    prefix,
    ask,
    warner,
    textOf(key) {
      const entry = entries.get(key);
      if (!entry) return unreadable.has(key) ? persistence.stored.get(key) : undefined;
      return memoryOnly.has(key) ? undefined : textNow(entry);
    },
    isPending: (key) => entries.get(key)?.isSet ?? late.has(key),
    flush: () => settle(true),
    onTexts: takeOver,
  });

  function open(): void {
    if (isOpen) return;
    isOpen = true;
    persistence.open();
    let length = 0;
    for (const [key, text] of persistence.stored) {
      if (!entries.has(key)) entries.set(key, createEntry(key, unread, text));
      length += text.length;
    }
    // an instance's class may be registered later than this
    if (length <= eagerLength)
      for (const entry of [...entries.values()]) if (!entry.text?.includes('"class"')) isThere(entry);
  }

  function createEntry(key: string, value: unknown, text: string | null): Entry {
    const version = goneVersions.get(key) ?? 0;
    return { key, value, text, version, isTouched: false, isSet: false, isOut: false, shown: undefined, nextLookAt: 0 };
  }

  /** Reads the text of an entry that was not read yet; one that cannot be read is missing. */
  function isThere(entry: Entry): boolean {
    if (entry.value !== unread) return true;
    const { key } = entry;
    try {
      entry.value = valueText.parse(entry.text as string);
      return true;
    } catch {
      // not as a cause: the engines quote the text in their errors
      entries.delete(key);
      unreadable.add(key);
      warner.warn({
        code: 'storage-corrupt',
        message: `sessionState: the stored text of key "${key}" cannot be read, so the key is missing. Set or delete it, or give its class to registerClass().`,
        key,
      });
      if (!isListeningForClasses) {
        isListeningForClasses = true;
        onRegister(rereadUnreadable);
      }
      return false;
    }
  }

  function rereadUnreadable(): void {
    const texts = new Map<string, string | undefined>();
    for (const key of unreadable) {
      const text = persistence.stored.get(key);
      if (text?.includes('"class"')) texts.set(key, text);
    }
    if (texts.size > 0) takeOver(texts);
  }

  function find(key: string): Entry | undefined {
    if (!isOpen) open();
    const entry = entries.get(key);
    return entry && (entry.value !== unread || isThere(entry)) ? entry : undefined;
  }

  function schedule(): void {
    isScheduled = true;
    // in Chromium a third of the cost of queueMicrotask
    settled.then(tick);
  }

  function touch(entry: Entry): void {
    if (entry.isTouched) return;
    entry.isTouched = true;
    entry.isOut = true;
    touched.push(entry);
    if (!isScheduled) schedule();
  }

  /** The text of the value as it is now; `undefined`: no text keeps it. */
  function encode({ key, value }: Entry): string | undefined {
    const text = valueText.format(value);
    if (typeof text === 'string') {
      warner.reset('unserializable', key);
      return text;
    }
    if (!memoryOnly.has(key)) {
      const cause = new UnserializableValueError(key, key + text.path, text.typeName);
      warner.warn({ code: 'unserializable', message: `${cause.message} It stays in memory.`, key, cause });
    }
    return undefined;
  }

  /** Knows from now on what the entry holds, so that a later change in place is seen. */
  const textNow = (entry: Entry): string | undefined =>
    entry.text === null ? (entry.text = encode(entry)) : entry.text;
  const settleText = (entry: Entry): void => {
    if (entry.text === null && isObject(entry.value)) entry.text = encode(entry);
  };

  function tell(entry: Entry, previous: unknown): void {
    if (!delivery.isHeard(entry.key)) return;
    // listeners receive the object itself
    if (isObject(entry.value)) touch(entry);
    delivery.changed(entry.key, entry.value, previous);
  }

  /** Finds out whether an object changed in place since it was last looked at. */
  function look(entry: Entry): { entry: Entry; previous: unknown } | undefined {
    const { key, text: before } = entry;
    const start = before && before.length > timedLength ? clock.monotonic() : undefined;
    const text = encode(entry);
    if (start !== undefined) {
      const end = clock.monotonic();
      entry.nextLookAt = end - start < slowLook ? 0 : end + restFactor * (end - start);
    }
    if (text === before) return undefined;
    entry.text = text;
    persistence.mark(key);
    if (before === null) return undefined;
    entry.version++;
    changes++;
    const isWanted = before !== undefined && (entry.shown !== undefined || delivery.isHeard(key));
    const previous = isWanted ? valueText.parse(before) : undefined;
    if (entry.shown !== undefined) {
      // with shared or circular parts there is no tree to compare part by part
      entry.shown = text?.includes('"referentialEqualities"')
        ? valueText.parse(text)
        : text && shareUnchanged(entry.value, previous, entry.shown, isSameLeaf, copyLeaf);
    }
    return { entry, previous };
  }
  const isSameLeaf = (a: object, b: object): boolean => valueText.format(a) === valueText.format(b);
  const copyLeaf = (value: object): unknown => valueText.parse(valueText.format(value) as string);

  function tick(): void {
    isScheduled = false;
    settle(false);
  }

  function settle(isForced: boolean): void {
    const list = touched;
    touched = [];
    if (isForced) for (const entry of entries.values()) if (entry.isOut && !entry.isTouched) list.push(entry);
    const found: { entry: Entry; previous: unknown }[] = [];
    for (const entry of list) {
      entry.isTouched = false;
      const { key, value } = entry;
      if (entries.get(key) !== entry) continue;
      const isExplicit = entry.isSet;
      entry.isSet = false;
      // the text of a set object may be known already: somebody listens
      if (isExplicit) persistence.mark(key);
      if (entry.text === null) textNow(entry);
      else if (isObject(value)) {
        if (isForced || isExplicit || entry.nextLookAt === 0 || clock.monotonic() >= entry.nextLookAt) {
          const change = look(entry);
          if (change) found.push(change);
        } else defer(entry);
      }
    }
    persistence.write(isForced);
    if (found.length === 0 && late.size === 0) return;
    const told = [...late];
    late.clear();
    if (!isForced && found.some(({ entry }) => delivery.isHeard(entry.key)) && isLooping(found)) return;
    delivery.batch(() => {
      for (const { entry, previous } of found) tell(entry, previous);
      for (const key of told) {
        const entry = entries.get(key);
        if (entry) tell(entry, undefined);
      }
    });
    // what listeners set during a forced flush is part of it
    if (isForced && touched.some((entry) => entry.isSet)) settle(false);
  }

  function isLooping(found: { entry: Entry }[]): boolean {
    if (ticksInRow++ === 0)
      clock.after(0, () => {
        ticksInRow = 0;
      });
    if (ticksInRow < maxTicks) return false;
    if (ticksInRow === maxTicks) warnOfLoop(found.map(({ entry }) => entry.key));
    return true;
  }

  /** Looks later, when the page has nothing else to do: looking at it took long. */
  function defer(entry: Entry): void {
    deferred.add(entry);
    if (deferred.size > 1) return;
    const wait = Math.max(0, entry.nextLookAt - clock.monotonic());
    clock.after(wait, () =>
      clock.whenIdle(() => {
        const list = [...deferred];
        deferred.clear();
        for (const each of list) touch(each);
      }, 1000),
    );
  }

  function create(key: string, value: unknown): Entry {
    const entry = createEntry(key, value, null);
    entries.set(key, entry);
    unreadable.delete(key);
    change(entry, value);
    return entry;
  }

  function change(entry: Entry, value: unknown): void {
    entry.value = value;
    entry.text = null;
    entry.shown = undefined;
    entry.isSet = true;
    entry.version++;
    changes++;
    touch(entry);
  }

  function check(key: string, value: unknown): void {
    if (!isStrict || memoryOnly.has(key)) return;
    const text = valueText.format(value);
    if (typeof text !== 'string') throw new UnserializableValueError(key, key + text.path, text.typeName);
  }

  function set(key: string, value: unknown): void {
    let entry = find(key);
    const previous = entry?.value;
    if (entry && Object.is(previous, value)) {
      if (!isObject(value)) return;
      const found = look(entry);
      touch(entry);
      if (found) tell(entry, found.previous);
      return;
    }
    if (isStrict) check(key, value);
    late.delete(key);
    if (entry) change(entry, value);
    else entry = create(key, value);
    if (!delivery.isHeard(key)) return;
    settleText(entry);
    delivery.changed(key, value, previous);
  }

  function drop(entry: Entry): void {
    const { key, value } = entry;
    entries.delete(key);
    goneVersions.set(key, entry.version + 1);
    changes++;
    late.delete(key);
    if (delivery.isHeard(key)) delivery.changed(key, undefined, value);
  }

  function remove(key: string): boolean {
    const entry = find(key);
    if (entry || unreadable.delete(key)) {
      persistence.mark(key);
      scheduleWrite();
    }
    if (entry) drop(entry);
    return entry !== undefined;
  }

  function scheduleWrite(): void {
    if (!isScheduled) schedule();
  }

  /** Somebody else wrote these texts. */
  function takeOver(texts: Map<string, string | undefined>): void {
    delivery.batch(() => {
      for (const [key, text] of texts) {
        const entry = entries.get(key);
        unreadable.delete(key);
        if (text === undefined) {
          if (entry && (entry.value === unread || isThere(entry))) drop(entry);
          continue;
        }
        if (entry && entry.text === text) continue;
        if (entry?.value === unread && !delivery.isHeard(key)) {
          entry.text = text;
          continue;
        }
        const wasThere = entry !== undefined && isThere(entry);
        const previous = wasThere ? entry.value : undefined;
        const fresh = wasThere ? entry : createEntry(key, unread, text);
        entries.set(key, fresh);
        Object.assign(fresh, { value: unread, text, isSet: false, shown: undefined });
        if (isThere(fresh)) {
          fresh.version++;
          changes++;
          if (delivery.isHeard(key)) tell(fresh, previous);
        } else if (wasThere) drop(fresh);
      }
    });
  }

  function get(key: string): unknown {
    const entry = entries.get(key);
    if (entry === undefined) return isOpen ? undefined : find(key) && get(key);
    const { value } = entry;
    if (typeof value !== 'object' || value === null) return value;
    if (value === unread) return isThere(entry) ? get(key) : undefined;
    touch(entry);
    return value;
  }

  return {
    get,
    has: (key) => find(key) !== undefined,
    keys() {
      if (!isOpen) open();
      return [...entries.values()].filter((entry) => entry.value !== unread || isThere(entry)).map(({ key }) => key);
    },
    set,
    check,
    delete: remove,
    clear() {
      open();
      delivery.batch(() => {
        for (const key of new Set([...entries.keys(), ...unreadable])) remove(key);
      });
    },
    version(key) {
      if (key === undefined) {
        for (const entry of touched) settleText(entry);
        return changes;
      }
      const entry = entries.get(key);
      if (entry) settleText(entry);
      return entry ? entry.version : (goneVersions.get(key) ?? 0);
    },
    flush() {
      open();
      settle(true);
    },
    subscribe(...args: unknown[]) {
      const end = delivery.subscribe(...(args as Parameters<typeof delivery.subscribe>));
      // what was set in this task may still change in place
      if (touched.length > 0) for (const entry of touched) if (delivery.isHeard(entry.key)) settleText(entry);
      return end;
    },
    batch: delivery.batch,
    show(key) {
      const entry = find(key);
      if (!entry || !isObject(entry.value)) return entry?.value;
      if (entry.shown === undefined) {
        settleText(entry);
        entry.shown = entry.value;
      }
      if (entry.shown === entry.value) touch(entry);
      return entry.shown;
    },
    init(key, value) {
      if (isStrict) check(key, value);
      create(key, value);
      late.add(key);
    },
    keepInMemory(key) {
      memoryOnly.add(key);
      if (!isOpen) open();
      persistence.mark(key);
      scheduleWrite();
    },
  };
}
