// Values as text in superjson's format. The only import of superjson.
import { SuperJSON } from 'superjson';
import { globalOf } from './builtin-class.js';
import type { ClassRegistry } from './class-registry.js';
import { checkTypes, mark, type Payload, repair } from './shared-objects.js';
import { knownClass } from './text-class.js';
import { createTextWalk, type Unstorable } from './text-walk.js';

/** Values as text and back, in superjson's format. Also for a single leaf of another format. */
export interface ValueText {
  /** `{"json":…}` or `{"json":…,"meta":…}`; an {@link Unstorable} when no text keeps the value. */
  format(value: unknown): string | Unstorable;
  /** @throws Error if superjson did not write the text, or a class or type in it is unknown here. */
  parse(text: string): unknown;
  /** The same, with what stands beside the value under the name `version`, which superjson passes over. */
  parseVersioned(text: string): { value: unknown; version: unknown };
}

const hasOwnProto = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (Object.hasOwn(value, '__proto__') || Object.values(value).some(hasOwnProto));

/** Gives `JSON.stringify` the values themselves where a `toJSON` would replace them. */
function itself(this: Record<string, unknown>, name: string): unknown {
  return this[name];
}

const temporal = /^Temporal\./;

/** In the place of superjson's list of custom types, of which every one is asked at every value. */
const customTypes = {
  findApplicable(value: unknown) {
    if (typeof value !== 'object' || value === null) return undefined;
    const tag = (value as Partial<Record<symbol, unknown>>)[Symbol.toStringTag];
    return typeof tag === 'string' && temporal.test(tag) && knownClass(value)
      ? { name: tag, serialize: String }
      : undefined;
  },
  findByName(name: string) {
    const Class =
      temporal.test(name) && globalOf<Record<string, { from(text: string): object }>>('Temporal')?.[name.slice(9)];
    return Class ? { deserialize: (text: string) => Class.from(text) } : undefined;
  },
};

/** What the text of values asks of a registry. */
export type ClassesOfText = Pick<ClassRegistry, 'byIdentifier' | 'identifierOf' | 'identifierOfClass'>;

/** Values as text and back, with instances of these classes. */
export function valueTextOf(classes: ClassesOfText): ValueText {
  /** The library's own, so that the application's default instance stays as it is. */
  const superjson: SuperJSON = Object.assign(new SuperJSON({ dedupe: true }), {
    // of an AggregateError; it writes `undefined` for others
    allowedErrorProps: ['errors'],
    classRegistry: {
      getIdentifier: classes.identifierOfClass,
      getValue: classes.byIdentifier,
      getAllowedProps() {},
    } as never,
    customTransformerRegistry: customTypes as never,
  });
  const walk = createTextWalk(classes);
  /** Some old libraries give arrays and objects a `toJSON` of their own, and so may another frame. */
  const stringify = (value: unknown, isForeign: boolean): string =>
    isForeign || 'toJSON' in Array.prototype ? JSON.stringify(value, itself) : JSON.stringify(value);

  return {
    format(value) {
      if (typeof value === 'number' && value - value === 0 && (value !== 0 || 1 / value > 0))
        return `{"json":${value}}`;
      const kind = walk(value);
      try {
        if (typeof kind === 'object') return kind;
        if (kind !== 'rich') return `{"json":${stringify(value, kind === 'foreign')}}`;
        return stringify(superjson.serialize(value), false);
      } catch {
        // a name that superjson refuses, otherwise want of stack
        const found = walk(value, true);
        return typeof found === 'object' ? found : { path: '', typeName: 'object that is nested too deeply' };
      }
    },
    parse: (text) => parseVersioned(text).value,
    parseVersioned,
  };

  function parseVersioned(text: string): { value: unknown; version: unknown } {
    const payload = JSON.parse(text) as Payload;
    if (typeof payload !== 'object' || payload === null || !Object.hasOwn(payload, 'json')) throw new Error('not ours');
    if ((text.includes('__proto__') || text.includes('\\u')) && hasOwnProto(payload)) throw new Error('__proto__');
    const { version, json, meta } = payload;
    if (!meta) return { value: json, version };
    if (meta.values !== undefined) checkTypes(meta.values, text.includes('"typed-array"') ? json : undefined);
    const marks = mark(payload);
    const value = superjson.deserialize(payload as never, { inPlace: true });
    if (marks.length > 0 || /"(Error|Date)"/.test(text)) repair(value, marks);
    return { value, version };
  }
}
