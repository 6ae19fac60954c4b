import { hashText } from '../core/key-hash.js';
import { isReadable } from '../core/parameters.js';
import type { Settings } from './options.js';
import { type CacheCore, createRoom, type FunctionRecord, type Kind, type Room } from './records.js';
import { createWeakList } from './weak-list.js';

/** What the text of a function tells about it. */
export interface SourceText {
  readonly text: string;
  /** Written by a person: not native, not bound, not minified. */
  readonly isReadable: boolean;
  readonly isArrow: boolean;
  /** The text mentions `this` or `super`. */
  readonly usesThis: boolean;
}

export function readSource(fn: Function): SourceText {
  const text = Function.prototype.toString.call(fn);
  return {
    text,
    isReadable: !/\{\s*\[native code\]\s*\}\s*$/.test(text) && isReadable(text),
    isArrow: /^(?:async\b\s*)?(?:\(|[\w$\u0080-\uffff]+\s*=>)/.test(text),
    usesThis: /\b(?:this|super)\b/.test(text),
  };
}

function createRecord(
  core: CacheCore,
  kind: Kind,
  identity: string,
  label: string,
  { scope, name }: Settings,
  isPersistable: boolean,
  isUnnamed: boolean,
): FunctionRecord {
  const record: FunctionRecord = {
    kind,
    scope,
    identity,
    label,
    hasName: name !== undefined,
    serial: ++core.order,
    isUnnamed,
    isPersistable,
    hits: 0,
    misses: 0,
    longestRun: 0,
    main: undefined as unknown as Room,
    byInstance: new WeakMap(),
    instances: createWeakList(),
    holders: new Map(),
    release: undefined,
    cutAt: undefined,
    pending: new Set(),
  };
  (record as { main: Room }).main = createRoom(core, record);
  core.records.add(record);
  if (kind === 'resource') core.kept.add(record);
  return record;
}

/** Two functions that share a text cannot be told apart on disk for this long: load order may differ next time. */
export const ambiguousMs: number = 7 * 24 * 3600_000;

/**
 * Which function this is: its record, shared with other wrappers of the same identity.
 *
 * @param onAmbiguous - two closures of one text met: nothing of them may stay on disk
 */
export function identify(
  core: CacheCore,
  kind: Kind,
  fn: Function,
  settings: Settings,
  source: SourceText,
  onAmbiguous: (record: FunctionRecord) => void,
): FunctionRecord {
  const { name, deps, scope, version } = settings;
  const label = name ?? (fn.name || 'anonymous');
  const suffix = version === undefined ? '' : `@${version}`;
  const place = `${kind} ${scope} `;

  const ownRecord = (identity: string, isPersistable: boolean, isUnnamed = false): FunctionRecord => {
    let byPlace = core.byFunction.get(fn);
    if (!byPlace) core.byFunction.set(fn, (byPlace = new Map()));
    let record = byPlace.get(place + identity);
    if (!record) {
      record = createRecord(core, kind, identity, label, settings, isPersistable, isUnnamed);
      byPlace.set(place + identity, record);
    }
    return record;
  };
  const sharedRecord = (identity: string): FunctionRecord => {
    let record = core.byIdentity.get(place + identity);
    if (!record) {
      record = createRecord(core, kind, identity, label, settings, true, false);
      core.byIdentity.set(place + identity, record);
    }
    return record;
  };

  // an arrow function belongs to the object it closes over
  if (source.isArrow && source.usesThis && !deps) {
    if (name && settings.persist)
      core.warn(
        'cache-this',
        label,
        `${label} is an arrow function that uses this: its results stay in the memory of this page, apart for each object. Give "deps", or pass what it needs as arguments.`,
      );
    return ownRecord(`${label}${suffix}`, false);
  }
  if (name !== undefined) {
    // so that no name with "@" is another one's version
    const identity = name.replace(/[@\\]/g, '\\$&') + suffix;
    const before = core.texts.get(place + identity);
    if (before === undefined) core.texts.set(place + identity, source.text);
    else if (before !== source.text)
      core.warn(
        'cache-name-shared',
        label,
        `Two different functions share their results under the name "${name}". Give them different names, or another version if the function changed.`,
      );
    return sharedRecord(identity);
  }
  if (!source.isReadable || (!deps && fn.name === '')) return ownRecord(`${label}${suffix}`, false, true);
  const identity = `${fn.name}#${hashText(source.text)}${suffix}`;
  if (deps) return sharedRecord(`${identity}+deps`);

  const isKnown = core.byFunction.get(fn)?.has(place + identity);
  const record = ownRecord(identity, true);
  const first = core.byIdentity.get(place + identity);
  if (!first) core.byIdentity.set(place + identity, record);
  else if (first !== record && !isKnown) {
    first.isPersistable = record.isPersistable = false;
    if (settings.persist)
      core.warn(
        'cache-ambiguous',
        label,
        `Several functions named ${label} have the same text, so their results cannot be told apart after a reload and stay in memory. Give them a "name" of their own, or list the outside values in "deps".`,
      );
    onAmbiguous(first);
  }
  return record;
}

/**
 * The object whose results are kept apart: `this` of a method that uses it. Not the global object or a module, where
 * the dot is just a name.
 */
export function ownerOf(self: unknown): object | undefined {
  if (self === undefined || self === null || (typeof self !== 'object' && typeof self !== 'function')) return undefined;
  if (self === globalThis || (self as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === 'Module')
    return undefined;
  return self;
}

/** The room of a method on one instance. */
export function instanceRoom(core: CacheCore, record: FunctionRecord, owner: object): Room {
  let room = record.byInstance.get(owner);
  if (!room) {
    room = createRoom(core, record);
    record.byInstance.set(owner, room);
    record.instances.add(room);
  }
  return room;
}
