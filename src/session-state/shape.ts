// What stored values have to look like: `schemas`, `version` and `migrate` of createSessionState.
import { absent } from '../core/batch.js';
import type { StandardSchema } from '../core/standard-schema.js';

/** Tells of trouble with a key. */
type Warn = (code: string, message: string, key: string, cause?: unknown) => void;

export interface Shape {
  /** The version that is stored with each text. */
  readonly version: number | undefined;
  /**
   * What a stored value is here, migrated and validated; `absent` if it was refused.
   *
   * @throws TypeError for an asynchronous schema
   */
  accept(key: string, stored: unknown, from: unknown, warn: Warn): unknown;
}

export function createShape(
  schemas: Record<string, StandardSchema | undefined> | undefined,
  version: number | undefined,
  migrate: ((key: string, value: unknown, from: number | undefined) => unknown) | undefined,
): Shape {
  return {
    version,
    accept(key, stored, from, warn) {
      const refuse = (who: string, cause?: unknown): unknown => {
        warn('storage-invalid', `${who} refused the stored value of "${key}".`, key, cause);
        return absent;
      };
      let value = stored;
      let who = 'migrate()';
      let result: ReturnType<StandardSchema['~standard']['validate']> | false | undefined;
      try {
        if (from !== version) value = migrate?.(key, stored, from as number | undefined);
        if (from !== version && value === undefined) return refuse(who);
        who = 'the schema';
        result = schemas && Object.hasOwn(schemas, key) && schemas[key]?.['~standard'].validate(value);
      } catch (error) {
        return refuse(who, error);
      }
      if (!result) return value;
      if ('then' in result)
        throw new TypeError(`createSessionState({ schemas }): the schema of "${key}" is asynchronous.`);
      return result.issues ? refuse('the schema') : result.value;
    },
  };
}
