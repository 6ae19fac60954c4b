// Snapshots as records for structured clone, and back.
import { builtinClassOf, globalOf, isErrorClass } from './builtin-class.js';
import type { ClassRegistry } from './class-registry.js';
import { copyError, copyGraph, defineField, isClonable } from './copy.js';
import { largeBuffer, type Plan, type Snapshot } from './snapshot.js';

/**
 * A part that structured clone refuses or changes: its place in `data` is held by `at`, an object of its own (identity
 * survives structured clone within one record), `type` names the class, `content` is what it is made of again.
 */
export interface Leaf {
  readonly at: object;
  /** A built-in class, `@` and a registered identifier, or `=`: the content itself. */
  readonly type: string;
  readonly content: unknown;
}

/** A snapshot as structured clone and IndexedDB carry it in every engine. */
export interface SnapshotRecord {
  readonly plan: Plan;
  readonly bytes: number;
  readonly data: unknown;
  readonly leaves?: readonly Leaf[];
  /** Buffers of 1 MB or more, apart from the data, so that they may be stored as Blobs. Not copied: only to be read. */
  readonly buffers?: readonly ArrayBuffer[];
}

/** What is written of a snapshot. It shares parts with the snapshot: to be cloned or stored, never changed. */
export function toRecord(snapshot: Snapshot, { classes }: { classes: ClassRegistry }): SnapshotRecord {
  const { plan, data, bytes, hasLeaves } = snapshot;
  if (!hasLeaves) return { plan, bytes, data };
  const leaves: Leaf[] = [];
  const buffers: ArrayBuffer[] = [];
  const replaced = copyGraph(data, new Map(), (value, copy, hold) => {
    const type = leafType(value, classes, plan === 'graph');
    if (type === undefined) return undefined;
    const at = {};
    hold(at);
    let content: unknown;
    if (type === 'ArrayBuffer') content = buffers.push(value as ArrayBuffer) - 1;
    else if (ArrayBuffer.isView(value)) {
      const { buffer, byteOffset, byteLength } = value;
      content = [copy(buffer), byteOffset, (value as { length?: number }).length ?? byteLength];
    } else if (type[0] === '@') content = fieldsOf(value, copy);
    else if (isErrorClass(type)) copyError(value, (content = {}), copy, true);
    else if (type === 'Temporal.Duration') content = durationFields(value);
    else content = type === '=' ? value : String(value);
    leaves.push({ at, type, content });
    return at;
  });
  return { plan, bytes, data: replaced, leaves, ...(buffers.length > 0 ? { buffers } : {}) };
}

/**
 * The snapshot of a record that was read. The record is used up: the snapshot takes over its parts.
 *
 * @param record - its `buffers` are ArrayBuffers again
 * @throws anything, for a record that is broken or names a class that is not registered
 */
export function fromRecord(record: SnapshotRecord, { classes }: { classes: ClassRegistry }): Snapshot {
  const { plan, bytes, data, leaves, buffers } = record;
  if (!leaves && !buffers?.length) return { plan, bytes, data, largeBytes: 0, hasLeaves: false };
  const made = new Map<object, unknown>();
  const fill: (() => void)[] = [];
  const copy = (value: unknown): unknown => copyGraph(value, made);
  // buffers first, then what stands on them; parts that may hold each other are filled when all are there
  let used = 0;
  for (const { at, type, content } of leaves ?? []) {
    if (type !== 'ArrayBuffer') continue;
    const buffer = buffers?.[content as number];
    if (buffer?.byteLength === undefined) throw new RangeError('A buffer of the record is missing.');
    made.set(at, buffer);
    used++;
  }
  if (used !== (buffers?.length ?? 0)) throw new RangeError('A buffer of the record has no place in it.');
  for (const { at, type, content } of leaves ?? []) {
    if (type === 'ArrayBuffer') continue;
    // a Blob may stand as bytes in a leaf of its own, before this one
    if (type === '=') made.set(at, made.get(content as object) ?? content);
    else if (type[0] === '@') {
      const Class = classes.byIdentifier(type.slice(1));
      if (!Class) throw new TypeError(`No class is registered as ${JSON.stringify(type.slice(1))}.`);
      const instance = Object.create(Class.prototype as object) as object;
      made.set(at, instance);
      fill.push(() => {
        for (const key of Object.keys(content as object))
          defineField(instance, key, copy((content as Record<string, unknown>)[key]));
      });
    } else if (isErrorClass(type)) {
      const error = new (globalOf<new (first: unknown[]) => Error>(type)!)([]);
      made.set(at, error);
      fill.push(() => copyError(content as object, error, copy));
    } else if (type.startsWith('Temporal.')) {
      const Temporal = globalOf<Record<string, { from(value: unknown): object }>>('Temporal')!;
      made.set(at, Temporal[type.slice(9)]!.from(content));
    } else {
      const [first, ...rest] = Array.isArray(content) ? content : [content];
      made.set(at, new (globalOf<new (...args: unknown[]) => object>(type)!)(copy(first), ...rest));
    }
  }
  for (const run of fill) run();
  const largeBytes = (buffers ?? []).reduce((sum, { byteLength }) => sum + byteLength, 0);
  return { plan, bytes, data: copy(data), largeBytes, hasLeaves: true };
}

/** The class of a part that travels apart; `undefined` for what structured clone carries. */
function leafType(value: object, classes: ClassRegistry, isGraph: boolean): string | undefined {
  const prototype = Object.getPrototypeOf(value) as object;
  if (prototype === Object.prototype || prototype === Array.prototype) return undefined;
  const identifier = classes.identifierOf(value);
  if (identifier !== undefined) return `@${identifier}`;
  const name = builtinClassOf(prototype);
  // where one stands twice WebKit makes two of it
  if (isGraph && isClonable(name)) return '=';
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
  if (name === 'ArrayBuffer' || buffer !== value)
    return (buffer as ArrayBuffer).byteLength < largeBuffer ? undefined : name;
  return name.startsWith('URL') || name.startsWith('Temporal.') || isErrorClass(name) ? name : undefined;
}

function fieldsOf(value: object, copy: (member: unknown) => unknown): object {
  const fields = {};
  for (const key of Object.keys(value)) defineField(fields, key, copy((value as Record<string, unknown>)[key]));
  return fields;
}

/** The fields of a Temporal.Duration; its text balances them. */
function durationFields(value: object): Record<string, unknown> {
  const units = 'years months weeks days hours minutes seconds milliseconds microseconds nanoseconds'.split(' ');
  return Object.fromEntries(units.map((unit) => [unit, (value as Record<string, unknown>)[unit]]));
}
