// Reads and checks options: one reader for each.
import { durationText, parseDuration } from '../core/duration.js';
import type { Settings } from './options.js';

/** What an option must be, for messages; what is used inside: `undefined` for a wrong type, `NaN` for what is out of range. */
export type Reader = readonly [what: string, read: (value: unknown) => unknown];

export const check = (what: string, isValid: (value: unknown) => boolean): Reader => [
  what,
  (value) => (isValid(value) ? value : undefined),
];
export const ofType = (what: string, ...types: string[]): Reader =>
  check(what, (value) => types.includes(typeof value));
export const fn: Reader = ofType('a function', 'function');
const boolean: Reader = ofType('true or false', 'boolean');
export const oneOf = (...valid: unknown[]): Reader => [
  `one of ${valid.join(', ')}`,
  (value) => (valid.includes(value) ? value : typeof value === 'string' ? NaN : undefined),
];
const duration: Reader = [durationText, parseDuration];
const isListOf = (value: unknown, ...types: string[]): boolean =>
  Array.isArray(value) && value.every((item) => types.includes(typeof item));
const isPair = (pair: unknown): boolean =>
  Array.isArray(pair) && /function|string/.test(typeof pair[0]) && typeof pair[1] === 'function';
const isIndex = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
export const readStore: Reader = check(
  'an object with the methods get, set, delete and clear',
  (value) =>
    typeof value === 'object' &&
    ['get', 'set', 'delete', 'clear'].every((verb) => typeof (value as Record<string, unknown>)[verb] === 'function'),
);
/** Of both kinds. */
export const readers: Record<string, Reader> = {
  ttl: duration,
  maxStale: duration,
  maxEntries: [
    'a positive integer',
    (value) => (typeof value === 'number' ? (isIndex(value - 1) ? value : NaN) : undefined),
  ],
  showSpinner: ofType('true, false or a text', 'boolean', 'string'),
  showTime: boolean,
  hashFuncs: check(
    'a list of [class, function] pairs or a Map',
    (value) => (value instanceof Map || Array.isArray(value)) && [...value].every(isPair),
  ),
  scope: oneOf('global', 'session'),
  refreshMode: oneOf('foreground', 'background'),
  name: check('a text that is not empty', (value) => typeof value === 'string' && value !== ''),
  version: ofType('a number or a text', 'number', 'string'),
  key: fn,
  ignore: [
    'a list of positions and names',
    (value) =>
      !isListOf(value, 'number', 'string')
        ? undefined
        : (value as unknown[]).every((each) => typeof each === 'string' || isIndex(each))
          ? value
          : NaN,
  ],
  method: boolean,
  deps: fn,
  staleIfError: boolean,
  tags: check('a list of texts or a function', (value) => typeof value === 'function' || isListOf(value, 'string')),
  onMessage: fn,
  validate: fn,
};

/**
 * The options that are given, read and checked.
 *
 * @throws TypeError, RangeError that name the call and the option
 */
export function readGiven(call: string, known: Record<string, Reader>, options: unknown): Record<string, unknown> {
  if (options === null || typeof options !== 'object') throw new TypeError(`${call}: the options must be an object.`);
  const given: Record<string, unknown> = {};
  for (const [option, value] of Object.entries(options)) {
    if (!Object.hasOwn(known, option))
      throw new TypeError(`${call}: unknown option "${option}". There are ${Object.keys(known).join(', ')}.`);
    const [what, read] = known[option] as Reader;
    if (value !== undefined && value !== null) {
      const result = (given[option] = read(value));
      if (result === undefined || Number.isNaN(result))
        throw new (result === undefined ? TypeError : RangeError)(`${call}: \`${option}\` must be ${what}.`);
    } else if (value === null && option === 'persist') given[option] = false;
  }
  return given;
}

/**
 * Reads and checks the options of a cached function.
 *
 * @param call - how messages name the call, such as `cacheData(getUser)`
 * @param known - the options of the kind
 * @throws TypeError for an unknown option, a wrong type or options that exclude each other; RangeError for an unknown
 *   text or a number out of range
 */
export function readOptions(call: string, known: Record<string, Reader>, options: unknown): Settings {
  const given = readGiven(call, known, options);
  const { refreshMode, ttl = Infinity, maxStale = ttl, version, ...rest } = given as Record<string, never>;
  const isBackground = refreshMode === 'background';
  if (isBackground && !(ttl > 0 && ttl < Infinity))
    throw new TypeError(`${call}: \`refreshMode: 'background'\` needs a \`ttl\` above 0.`);
  if (given['key'] && given['ignore']) throw new TypeError(`${call}: \`key\` and \`ignore\` exclude each other.`);
  return {
    maxEntries: Infinity,
    maxSize: Infinity,
    showSpinner: false,
    showTime: false,
    scope: 'global',
    method: false,
    staleIfError: false,
    persist: 'persist' in known,
    copy: 'clone',
    ...(rest as object),
    ...(version === undefined ? {} : { version: String(version) }),
    ttlMs: ttl,
    maxStaleMs: maxStale,
    isBackground,
  };
}

/** What `clear()` and `clear({ tag })` of a kind take. @throws TypeError for anything else */
export function readTag(call: string, target: unknown): string | undefined {
  if (target === undefined) return undefined;
  const tag = (target as { tag?: unknown } | null)?.tag;
  if (typeof tag !== 'string') throw new TypeError(`${call}: give nothing, or { tag } with a text.`);
  return tag;
}
