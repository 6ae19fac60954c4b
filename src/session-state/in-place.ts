import type { Clock } from '../browser/clock.js';
import { shareUnchanged } from '../core/shared-copy.js';
import type { ValueText } from '../core/value-text.js';
import type { Warner } from '../core/warning.js';
import { UnserializableValueError } from '../errors.js';
import { type Entry, isObject } from './entry.js';
import type { Shape } from './shape.js';

export interface InPlaceOptions {
  valueText: ValueText;
  shape: Shape;
  warner: Warner;
  clock: Clock;
  /** Whether anybody is told of changes of this key. */
  isHeard(key: string): boolean;
  /** Whether a ref of this key has listeners, which receive snapshots. */
  isShown(key: string): boolean;
  /** The object was found changed, or its first text is known. */
  onChange(entry: Entry): void;
}

/** Finds changes inside objects by looking: it encodes them and compares the texts. */
export interface InPlace {
  /** The text of the value as it was last looked at; now, if it never was. */
  textOf(entry: Entry): string | undefined;
  /** Looks, if the entry may have changed by what is known of it; a change in place is told to nobody. */
  bringUpToDate(entry: Entry): void;
  /** Whether the object changed in place since it was last looked at, and a copy of what it was if somebody asks for it. */
  look(entry: Entry): { entry: Entry; previous: unknown } | undefined;
  /** Whether the last look took so long that the next one waits. */
  isResting(entry: Entry): boolean;
}

/** An implicit look that took this long, ms, makes the next one wait … */
const slowLook = 1;
/** … this many times as long, so that looking takes a twentieth of the time. */
const restFactor = 20;
/** Shorter texts are not timed. */
const timedLength = 10_000;

export function createInPlace({
  valueText,
  shape,
  warner,
  clock,
  isHeard,
  isShown,
  onChange,
}: InPlaceOptions): InPlace {
  const isSameLeaf = (a: object, b: object): boolean => valueText.format(a) === valueText.format(b);

  /** Told of as unserialisable. */
  const told = new Set<Entry>();

  /** The text of the value as it is now; `undefined`: no text keeps it. */
  function encode(entry: Entry): string | undefined {
    const { key, value, isSecret } = entry;
    const text = valueText.format(value);
    if (typeof text === 'string') {
      if (told.size > 0 && told.delete(entry)) warner.reset('unserializable', key);
      return shape.mark(text);
    }
    if (!isSecret) {
      told.add(entry);
      const cause = new UnserializableValueError(key, key + text.path, text.typeName);
      warner.warn({ code: 'unserializable', message: `${cause.message} It stays in memory.`, key, cause });
    }
    return undefined;
  }

  function look(entry: Entry): { entry: Entry; previous: unknown } | undefined {
    const { text: before, key } = entry;
    const start = before && before.length > timedLength ? clock.monotonic() : 0;
    const text = (entry.text = encode(entry));
    entry.nextLookAt = 0;
    if (start) {
      const end = clock.monotonic();
      if (end - start >= slowLook) entry.nextLookAt = end + restFactor * (end - start);
    }
    // set since: that was told
    if (text === before || before === null) return undefined;
    onChange(entry);
    const shown = entry.shown ?? (isShown(key) ? entry.value : undefined);
    const isWanted = before && (shown !== undefined || isHeard(key));
    const previous = isWanted ? valueText.parse(before) : undefined;
    if (shown !== undefined) {
      entry.shown = text && valueText.parse(text);
      // with shared or circular parts there is no tree to compare part by part
      if (!text?.includes('"referentialEqualities"'))
        entry.shown = shareUnchanged(entry.shown, previous, shown, isSameLeaf);
    }
    return { entry, previous };
  }

  const textOf = (entry: Entry): string | undefined =>
    entry.text === null ? (entry.text = encode(entry)) : entry.text;

  return {
    textOf,
    bringUpToDate(entry) {
      if (!isObject(entry.value)) return;
      if (entry.nextLookAt < 0 && entry.text !== null) look(entry);
      else textOf(entry);
    },
    look,
    isResting: ({ nextLookAt }) => nextLookAt > 0 && clock.monotonic() < nextLookAt,
  };
}
