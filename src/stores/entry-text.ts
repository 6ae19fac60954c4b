// Entries as text, for storage that holds nothing else.
import { builtinClassOf, globalOf, isErrorClass } from '../core/values/builtin-class.js';
import { copyError, copyGraph, defineField, isClonable } from '../core/values/copy.js';
import { type ClassesOfText, type ValueText, valueTextOf } from '../core/values/text.js';
import type { Unstorable } from '../core/values/text-walk.js';
import { classes } from '../registered-classes.js';
import type { StoredEntry } from './store.js';

/** Stands for what superjson loses or refuses: bytes as base64, errors with their class, holes, fields such as `__proto__`. */
class Part {
  constructor(
    readonly kind: string,
    readonly content: unknown,
  ) {}
}
const partName = 'tabstate-part';

function toBase64(bytes: Uint8Array): string {
  let text = '';
  // every engine's stack takes this many arguments
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (unit) => unit.charCodeAt(0));

function encode(value: unknown): unknown {
  return copyGraph(value, new Map(), (member, copy, hold) => {
    const held = (kind: string, content: string): Part => {
      const part = new Part(kind, content);
      hold(part);
      return part;
    };
    if (member instanceof ArrayBuffer) return held('ArrayBuffer', toBase64(new Uint8Array(member)));
    if (ArrayBuffer.isView(member)) {
      const { buffer, byteOffset, byteLength } = member;
      const kind = (member as unknown as { [Symbol.toStringTag]: string })[Symbol.toStringTag];
      const content: unknown[] = [];
      const part = new Part(kind, content);
      hold(part);
      // the buffer apart: another view may share it
      content.push(copy(buffer), byteOffset, (member as { length?: number }).length ?? byteLength);
      return part;
    }
    if (member instanceof URLSearchParams) return held('URLSearchParams', String(member));
    if (Array.isArray(member)) {
      const { length } = member;
      const indices = Object.keys(member);
      // own keys of an array are its indices: it is a checked copy
      if (indices.length === length) return undefined;
      const items: unknown[] = [];
      const part = new Part('holes', [length, items]);
      hold(part);
      for (const i of indices) items.push([Number(i), copy(member[Number(i)])]);
      return part;
    }
    const name = builtinClassOf(Object.getPrototypeOf(member) as object);
    if (isErrorClass(name)) {
      const part = new Part(name, {});
      hold(part);
      copyError(member, part.content as object, copy, true);
      return part;
    }
    // Blobs and the like: as they are, to be refused by their names
    if (isClonable(name) && name !== 'Date' && name !== 'RegExp') return member;
    const names = Object.keys(member);
    if (!names.some((name) => /^(__proto__|constructor|prototype)$/.test(name))) return undefined;
    const fields: unknown[] = [];
    const part = new Part('fields', fields);
    hold(part);
    for (const name of names) fields.push([name, copy((member as Record<string, unknown>)[name])]);
    return part;
  });
}

function decode(value: unknown): unknown {
  return copyGraph(value, new Map(), (member, copy, hold) => {
    if (!(member instanceof Part)) return undefined;
    const { kind, content } = member;
    if (kind === 'holes') {
      const [length, items] = content as [number, [number, unknown][]];
      const result: unknown[] = [];
      result.length = length;
      hold(result);
      for (const [i, item] of items) result[i] = copy(item);
      return result;
    }
    if (kind === 'fields') {
      const result = {};
      hold(result);
      for (const [name, field] of content as [string, unknown][]) defineField(result, name, copy(field));
      return result;
    }
    const make = globalOf<new (...args: unknown[]) => object>(kind)!;
    // a text is untrusted: nothing but errors and views is made by its name
    if (isErrorClass(kind)) {
      const error = new make([]);
      hold(error);
      copyError(content as object, error, copy);
      return error;
    }
    if (kind === 'URLSearchParams') {
      const query = new URLSearchParams(content as string);
      hold(query);
      return query;
    }
    const isView = /^(\w+Array|DataView)$/.test(kind);
    const [buffer, ...place] = isView ? (content as unknown[]).map(copy) : [fromBase64(content as string).buffer];
    // of a number a view would be as long as that
    if (!(buffer instanceof ArrayBuffer)) throw new TypeError();
    const leaf = isView ? new make(buffer, ...place) : buffer;
    hold(leaf);
    return leaf;
  });
}

/** The page's classes, and {@link Part}. */
const withPart: ClassesOfText = {
  byIdentifier: (identifier) => (identifier === partName ? Part : classes.byIdentifier(identifier)),
  identifierOf: (value) => (value instanceof Part ? partName : classes.identifierOf(value)),
  identifierOfClass: (constructor) => (constructor === Part ? partName : classes.identifierOfClass(constructor)),
};

let made: ValueText | undefined;
const text = (): ValueText => (made ??= valueTextOf(withPart));

/** An entry as superjson text, or the part of it that no text can hold. */
export const formatEntry = (entry: StoredEntry): string | Unstorable => text().format(encode(entry));

/** @throws Error if the text is not one of `formatEntry`, or a class in it is unknown here. */
export function parseEntry(written: string): StoredEntry {
  const entry = text().parse(written);
  return (written.includes(partName) ? decode(entry) : entry) as StoredEntry;
}
