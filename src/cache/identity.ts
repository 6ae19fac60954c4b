import type { Settings } from './options.js';
import { type CacheCore, createRoom, type FunctionRecord, type Kind, type Room } from './records.js';
import { createWeakList } from './weak-list.js';

function createRecord(
  core: CacheCore,
  facts: Pick<FunctionRecord, 'kind' | 'scope' | 'identity' | 'label' | 'hasName' | 'text'>,
): FunctionRecord {
  const record: FunctionRecord = {
    ...facts,
    onMessage: undefined,
    hits: 0,
    misses: 0,
    isPromising: false,
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
  if (record.kind === 'resource') core.kept.add(record);
  return record;
}

/**
 * Which function this is: its record, shared with other wrappers of the same identity. With a `name` that is the name,
 * else the function object.
 */
export function identify(
  core: CacheCore,
  kind: Kind,
  fn: Function,
  { name, scope, version }: Settings,
): FunctionRecord {
  const suffix = version === undefined ? '' : `@${version}`;
  const hasName = name !== undefined;
  // so that no name with "@" is another one's version
  const named = name?.replace(/[@\\]/g, '\\$&') + suffix;
  let records = core.byIdentity;
  if (!hasName) {
    records = core.byFunction.get(fn) ?? new Map();
    core.byFunction.set(fn, records);
  }
  const place = `${kind} ${scope} ${hasName ? named : suffix}`;
  // no name begins with "@"; chance keeps what counted by it on this page from being found on the next one
  const identity = hasName ? named : `@${Math.random()}`;
  // read for the warning only
  const text = hasName ? Function.prototype.toString.call(fn) : '';
  let record = records.get(place);
  if (!record) {
    record = createRecord(core, { kind, scope, identity, label: name ?? (fn.name || 'anonymous'), hasName, text });
    records.set(place, record);
  } else if (record.text !== text)
    core.warn(
      'cache-name-shared',
      record.label,
      `Two different functions share their results under the name "${name}". Give them different names, or another version if the function changed.`,
    );
  return record;
}

/** The object whose results are kept apart: `this` of a method. */
export const ownerOf = (self: unknown): object | undefined =>
  (typeof self === 'object' && self !== null) || typeof self === 'function' ? self : undefined;

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
