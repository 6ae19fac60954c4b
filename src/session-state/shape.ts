import type { StandardSchema } from '../core/standard-schema.js';

export interface ShapeOptions {
  schemas: Record<string, StandardSchema | undefined>;
  version: number | undefined;
  migrate: ((key: string, value: unknown, from: number | undefined) => unknown) | undefined;
}

export interface Accepted {
  value: unknown;
  /** It is not what the text says any more. */
  isNew: boolean;
}

/** A value as it was stored. */
export interface Stored {
  key: string;
  text: string;
  value: unknown;
}

/** Puts the version into a text, where superjson passes over it. */
export const markVersion = (text: string, version: number | undefined): string =>
  version === undefined ? text : `${text.slice(0, -1)},"version":${version}}`;

/**
 * What a stored value is here, migrated and validated; `undefined` if it was refused.
 *
 * @throws TypeError for an asynchronous schema
 */
export function accept(
  { schemas, version, migrate }: ShapeOptions,
  { key, text, value: stored }: Stored,
  refuse: (who: string, cause?: unknown) => void,
): Accepted | undefined {
  // the version stands last, where no value can imitate it
  const found = /,"version":([^,"}]+)\}$/.exec(text.slice(-40));
  const from = found ? Number(found[1]) : undefined;
  let value = stored;
  if (from !== version)
    try {
      value = migrate?.(key, stored, from);
      if (value === undefined) return void refuse('migrate()');
    } catch (error) {
      return void refuse('migrate()', error);
    }
  if (Object.hasOwn(schemas, key)) {
    const result = schemas[key]?.['~standard'].validate(value) ?? { value };
    if ('then' in result)
      throw new TypeError(`createSessionState({ schemas }): the schema of "${key}" is asynchronous.`);
    if (result.issues) return void refuse('the schema');
    value = result.value;
  }
  return { value, isNew: from !== version || value !== stored };
}
