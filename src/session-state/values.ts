import type { Clock } from '../browser/clock.js';
import { reportListenerError } from '../browser/report-error.js';
import { absent, createDelivery, type Delivery } from '../core/batch.js';
import type { ValueText } from '../core/value-text.js';
import type { Warner } from '../core/warning.js';
import { UnserializableValueError } from '../errors.js';
import { createEntries } from './entries.js';
import { type Entry, isObject, unread } from './entry.js';
import { createInPlace } from './in-place.js';
import { attend } from './page.js';
import { createPersistence } from './persistence.js';
import { createTicks } from './ticks.js';

export interface ValuesOptions {
  prefix: string;
  /** Whether a method is called so. */
  isMember(key: string): boolean;
  ask: () => Storage | null | undefined;
  isStrict: boolean;
  valueText: ValueText;
  /** Hears when a class is registered. */
  onRegister(listener: () => void): void;
  warner: Warner;
  clock: Clock;
}

/** The live values by key, and who is told of changes. */
export interface Values extends Pick<Delivery<unknown>, 'subscribe' | 'batch'> {
  get(key: string): unknown;
  /** The same, and `undefined` for a key that is called like a method. */
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
  /** What is known of a key, for the members below. */
  entry(key: string): Entry;
  /** Whether the key is there, as far as that is known without the storage. */
  isKnown(key: string): boolean;
  /** Whether it has a value; what could not be read has none. */
  isPresent(entry: Entry): boolean;
  /** The value, to be looked at in the tick. */
  read(entry: Entry): unknown;
  /** What a ref shows: the object itself until it is found changed in place, a snapshot then. */
  show(entry: Entry): unknown;
  /** Sets a missing key; told in the tick, because this happens inside a read. */
  init(entry: Entry, value: unknown): void;
  /** Never stores this key on this page again; an older text goes. */
  keepInMemory(key: string): void;
}

/** Texts of this many characters in all are read at first use, so that broken ones are told of at once. */
const eagerLength = 32_768;

export function createValues({
  prefix,
  isMember,
  ask,
  isStrict,
  valueText,
  onRegister,
  warner,
  clock,
}: ValuesOptions): Values {
  let isOpen = false;
  let changes = 0;

  const onLoop = (keys: string[]): void =>
    warner.warn({
      code: 'update-loop',
      message: `sessionState: listeners change each other's keys for ever (${keys.map((key) => `"${key}"`).join(', ')}). They are not told any more in this task; the values stay.`,
    });
  const { subscribe, batch, isHeard, changed } = createDelivery<unknown>({
    report: reportListenerError,
    onLoop,
    later: (run) => clock.after(0, run),
  });
  const {
    all,
    of: entryOf,
    hold,
    inOrder,
    isPresent,
    readEarly,
    forgive,
  } = createEntries({ prefix, valueText, warner, isMember, onBroken: () => onRegister(rereadBroken) });
  const inPlace = createInPlace({
    valueText,
    warner,
    clock,
    isHeard,
    onChange(entry) {
      count(entry);
      persistence.mark(entry);
    },
  });
  const { textOf, bringUpToDate, look } = inPlace;
  const persistence = createPersistence({
    prefix,
    ask,
    warner,
    entries: all,
    entryOf,
    textOf: (entry) => (entry.isSecret ? undefined : textOf(entry)),
    flush: () => settle(true),
    onTexts: (texts) =>
      batch(() => {
        for (const [entry, text] of texts) takeOver(entry, text);
      }),
  });

  const { touch, touched, schedule, settle, late } = createTicks({
    ...inPlace,
    clock,
    persistence,
    isHeard,
    tellAll: (found) =>
      batch(() => {
        for (const { entry, previous } of found) if (entry.value !== absent) tell(entry, previous);
      }),
    onLoop,
  });

  function open(): void {
    if (isOpen) return;
    isOpen = true;
    const found: Entry[] = [];
    let length = 0;
    persistence.open((key, name, text) => {
      const entry = entryOf(key, name);
      entry.isFound = true;
      entry.value = unread;
      entry.text = entry.stored = text;
      length += text.length;
      found.push(entry);
    });
    if (length <= eagerLength) for (const entry of found) readEarly(entry);
  }

  function count(entry: Entry): void {
    entry.version++;
    changes++;
  }

  function rereadBroken(): void {
    batch(() => {
      for (const entry of all.values())
        if (entry.value === absent && entry.text?.includes('"class"')) takeOver(entry, entry.text);
    });
  }

  function find(key: string): Entry | undefined {
    if (!isOpen) open();
    const entry = all.get(key);
    return entry && isPresent(entry) ? entry : undefined;
  }

  function tell(entry: Entry, previous: unknown): void {
    if (!isHeard(entry.key)) return;
    // listeners receive the object itself
    if (isObject(entry.value)) touch(entry);
    changed(entry.key, entry.value, previous);
  }

  function assign(entry: Entry, value: unknown): void {
    hold(entry, value, null);
    count(entry);
    persistence.mark(entry);
    if (isObject(value)) touch(entry);
    else schedule();
  }

  function check(key: string, value: unknown): void {
    if (!isStrict || all.get(key)?.isSecret) return;
    const text = valueText.format(value);
    if (typeof text !== 'string') throw new UnserializableValueError(key, key + text.path, text.typeName);
  }

  function set(key: string, value: unknown): void {
    if (!isOpen) open();
    const entry = entryOf(key);
    isPresent(entry);
    const { value: previous } = entry;
    if (Object.is(previous, value)) {
      if (!isObject(value)) return;
      // looked at in any case, and now if anybody can tell the difference
      entry.nextLookAt = -1;
      touch(entry);
      const found = isHeard(key) && look(entry);
      if (found) tell(entry, found.previous);
      return;
    }
    if (isStrict) check(key, value);
    if (late.size > 0) late.delete(entry);
    if (previous === absent) forgive(entry);
    assign(entry, value);
    if (!isHeard(key)) return;
    bringUpToDate(entry);
    changed(key, value, previous);
  }

  /** The key is missing from now on. */
  function drop(entry: Entry, previous: unknown): void {
    entry.value = absent;
    entry.shown = undefined;
    count(entry);
    late.delete(entry);
    warner.reset('unserializable', entry.key);
    if (isHeard(entry.key)) changed(entry.key, absent, previous);
  }

  function remove(key: string): boolean {
    const wasThere = find(key) !== undefined;
    const entry = all.get(key);
    if (!entry) return false;
    // also one that cannot be read
    entry.text = undefined;
    forgive(entry);
    persistence.mark(entry);
    schedule();
    if (wasThere) drop(entry, entry.value);
    return wasThere;
  }

  /** Somebody else wrote this text. */
  function takeOver(entry: Entry, text: string | undefined): void {
    if (entry.value !== absent && entry.text === text) return;
    if (entry.value === unread && text !== undefined && !isHeard(entry.key)) {
      entry.text = text;
      count(entry);
      return;
    }
    const wasThere = isPresent(entry);
    const { value: previous } = entry;
    if (text === undefined) entry.text = text;
    else hold(entry, unread, text);
    const isThere = text !== undefined && isPresent(entry);
    if (isThere || text === undefined) forgive(entry);
    if (isThere) {
      count(entry);
      tell(entry, previous);
    } else if (wasThere) drop(entry, previous);
  }

  function read(entry: Entry): unknown {
    const { value } = entry;
    if (typeof value !== 'object' || value === null) return value;
    if (value === absent) return undefined;
    if (value === unread) return isPresent(entry) ? read(entry) : undefined;
    touch(entry);
    return value;
  }

  function get(key: string): unknown {
    const entry = all.get(key);
    if (entry !== undefined) return read(entry);
    if (isOpen) return undefined;
    open();
    return get(key);
  }

  const clear = (): void => {
    open();
    batch(() => {
      for (const { key } of inOrder()) remove(key);
    });
  };

  return {
    get,
    getOther(key) {
      const entry = all.get(key);
      return entry === undefined || entry.isMember ? undefined : read(entry);
    },
    has: (key) => find(key) !== undefined,
    keys() {
      open();
      return inOrder()
        .filter(isPresent)
        .map(({ key }) => key);
    },
    set,
    check,
    delete: remove,
    clear,
    version(key) {
      if (key === undefined) {
        touched().forEach(bringUpToDate);
        return changes;
      }
      const entry = all.get(key);
      if (!entry) return 0;
      bringUpToDate(entry);
      return entry.version;
    },
    flush() {
      open();
      settle(true);
    },
    reset() {
      clear();
      settle(true);
      for (const entry of all.values()) {
        entry.version = 0;
        entry.isSecret = false;
        entry.stored = undefined;
      }
      changes = 0;
      persistence.close();
      isOpen = false;
    },
    subscribe(...args: unknown[]) {
      const end = subscribe(...(args as Parameters<typeof subscribe>));
      if (!isOpen) attend(prefix, open);
      // what was set in this task may still change in place; what has changed so far was before
      for (const entry of touched()) if (isHeard(entry.key)) bringUpToDate(entry);
      return end;
    },
    batch,
    entry(key) {
      open();
      return entryOf(key);
    },
    isKnown(key) {
      const entry = all.get(key);
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
    init(entry, value) {
      check(entry.key, value);
      assign(entry, value);
      late.add(entry);
    },
    keepInMemory(key) {
      open();
      const entry = entryOf(key);
      entry.isSecret = true;
      persistence.mark(entry);
      schedule();
    },
  };
}
