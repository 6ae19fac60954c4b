import type { StandardSchema } from '../core/standard-schema.js';
import type { Warner } from '../core/warning.js';

export interface ShapeOptions {
  schemas: Record<string, StandardSchema | undefined>;
  version: number | undefined;
  migrate: ((key: string, value: unknown, from: number | undefined) => unknown) | undefined;
  warner: Warner;
}

export interface Accepted {
  value: unknown;
  /** It is not what the text says any more. */
  isNew: boolean;
}

/** What stored values have to look like: which version they have, and what a schema says of some keys. */
export interface Shape {
  /** Puts the version into a text; superjson passes over members that it does not know. */
  mark(text: string): string;
  /**
   * What a stored value is here, migrated and validated; `undefined` and a warning if it is refused.
   * @throws TypeError for an asynchronous schema
   */
  accept(key: string, value: unknown, text: string): Accepted | undefined;
}

/** The version stands last; at this place no value can imitate it. */
const versionOf = (text: string): number | undefined => {
  const found = /,"version":([^,"}]+)\}$/.exec(text);
  return found ? Number(found[1]) : undefined;
};

/** @throws TypeError for options of a wrong type */
export function createShape({ schemas, version, migrate, warner }: ShapeOptions): Shape {
  const refuse = (what: string): never => {
    throw new TypeError(`createSessionState({ ${what}`);
  };
  if (version !== undefined && !Number.isFinite(version)) refuse('version }): give a number.');
  if (migrate !== undefined && typeof migrate !== 'function') refuse('migrate }): give a function.');
  const warn = (key: string, why: string, cause?: unknown): undefined =>
    void warner.warn({
      code: 'storage-invalid',
      message: `sessionState: ${why} the stored value of key "${key}", so the key is missing.`,
      key,
      ...(cause === undefined ? {} : { cause }),
    });

  function validate(key: string, value: unknown, isNew: boolean): Accepted | undefined {
    const schema = Object.hasOwn(schemas, key) ? schemas[key] : undefined;
    if (!schema) return { value, isNew };
    const result = schema['~standard'].validate(value);
    if ('then' in result) return refuse(`schemas }): the schema of key "${key}" is asynchronous.`);
    return result.issues
      ? warn(key, 'the schema refuses')
      : { value: result.value, isNew: isNew || result.value !== value };
  }

  return {
    mark: version === undefined ? (text) => text : (text) => `${text.slice(0, -1)},"version":${version}}`,
    accept(key, value, text) {
      const from = versionOf(text);
      if (from === version) return validate(key, value, false);
      let migrated: unknown;
      try {
        migrated = migrate?.(key, value, from);
      } catch (error) {
        return warn(key, 'migrate() failed for', error);
      }
      return migrated === undefined ? warn(key, 'migrate() returned nothing for') : validate(key, migrated, true);
    },
  };
}
