/**
 * The base of every error that the library throws. A value of the user never stands in a message; names, paths and types
 * do. `instanceof` knows errors of another copy of the library on the page, too: a second script tag, or a bundle.
 */
export abstract class TabstateError extends Error {
  /** The class's own name, as text: minifiers rename classes. On the prototype, where `instanceof` finds it. */
  override get name(): string {
    return 'TabstateError';
  }
  /** Stable and short, for programs. */
  abstract readonly code: string;

  get [Symbol.toStringTag](): string {
    return 'TabstateError';
  }

  static override [Symbol.hasInstance](error: unknown): boolean {
    const other = error as Partial<TabstateError> | null | undefined;
    return (
      super[Symbol.hasInstance](error) ||
      (other?.[Symbol.toStringTag] === 'TabstateError' &&
        // a class of the user's, without a name of its own, has no twin
        (this === TabstateError || (Object.hasOwn(this.prototype, 'name') && this.prototype.name === other.name)))
    );
  }
}

/**
 * A key that was asked for with `require`, `pop` or `context[...]` is missing.
 *
 * Not thrown by `get`, by property access or by `delete`: a missing key reads `undefined` there.
 */
export class KeyError extends TabstateError {
  override get name(): 'KeyError' {
    return 'KeyError';
  }
  override readonly code = 'key-missing';

  constructor(
    owner: string,
    readonly key: string,
    hint = 'Did you forget to initialize it?',
  ) {
    super(`${owner} has no key "${key}". ${hint}`);
  }
}

/** A key that cannot be written: reserved in the URL, or bound to a button or file input. */
export class ReservedKeyError extends TabstateError {
  override get name(): 'ReservedKeyError' {
    return 'ReservedKeyError';
  }
  override readonly code = 'key-reserved';

  /** @param why - what the key is reserved for, and what to do instead: the end of the sentence. */
  constructor(
    call: string,
    readonly key: string,
    why: string,
  ) {
    super(`${call}: the key "${key}" is reserved ${why}`);
  }
}

/** A value that cannot stand in a URL, or one that its codec cannot write and read back. The URL is unchanged. */
export class QueryParamValueError extends TabstateError {
  override get name(): 'QueryParamValueError' {
    return 'QueryParamValueError';
  }
  override readonly code = 'query-param-value';

  /** @param problem - what was given and what to do, without the value: the end of the sentence. */
  constructor(
    call: string,
    readonly key: string,
    problem: string,
  ) {
    super(`${call}: the value for "${key}" ${problem}`);
  }
}

/** `strict` session state was given a value that cannot be stored. Nothing was set. */
export class UnserializableValueError extends TabstateError {
  override get name(): 'UnserializableValueError' {
    return 'UnserializableValueError';
  }
  override readonly code = 'unserializable';

  constructor(
    readonly key: string,
    readonly path: string,
    readonly typeName: string,
  ) {
    super(`sessionState cannot store key "${key}": ${path} is of type ${typeName}. Use plain data or registerClass().`);
  }
}

/** An argument of a cached function that cannot be part of a key. The function did not run. */
export class UnhashableParamError extends TabstateError {
  override get name(): 'UnhashableParamError' {
    return 'UnhashableParamError';
  }
  override readonly code = 'unhashable-param';

  /** Of the offending part inside the argument, `''` for the argument itself. */
  declare readonly path: string;
  declare readonly typeName: string;

  /**
   * @param param - position of the argument; `'this'`, `'key'`, or `deps[0]`
   * @param part - what cannot be in a key, and what to do
   */
  constructor(
    readonly functionName: string,
    readonly param: string | number,
    { path, typeName, remedy }: { path: string; typeName: string; remedy: string },
    options?: ErrorOptions,
  ) {
    super(
      `${functionName}: argument ${param}${path && ` (${path})`} of type ${typeName} cannot be in a key. ${remedy}`,
      options,
    );
    this.path = path;
    this.typeName = typeName;
  }
}

/** A function of `hashFuncs`, `key`, `deps` or `tags` threw; `cause` is its error. */
export class UserHashError extends TabstateError {
  override get name(): 'UserHashError' {
    return 'UserHashError';
  }
  override readonly code = 'user-hash';

  /** @param what - which function threw, for instance `the hash function for class Shop` */
  constructor(
    readonly functionName: string,
    what: string,
    options?: ErrorOptions,
  ) {
    super(`${functionName}: ${what} threw, see \`cause\`.`, options);
  }
}

/** The result of a cached function, or a message of its emitter, cannot be stored. Nothing was stored. */
export class UnserializableReturnValueError extends TabstateError {
  override get name(): 'UnserializableReturnValueError' {
    return 'UnserializableReturnValueError';
  }
  override readonly code = 'unserializable-return-value';

  declare readonly path: string;
  declare readonly typeName: string;

  /** @param part - what cannot be stored, and in what. Default: in the result. */
  constructor(
    readonly functionName: string,
    { path, typeName, what = 'result' }: { path: string; typeName: string; what?: string },
    options?: ErrorOptions,
  ) {
    super(
      `${functionName}: the ${what} cannot be stored: ${path || 'it'} is of type ${typeName}. ` +
        'Use plain data, registerClass() or cacheResource.',
      options,
    );
    this.path = path;
    this.typeName = typeName;
  }
}

/** A cached function waits for itself with the same arguments. */
export class CacheReentryError extends TabstateError {
  override get name(): 'CacheReentryError' {
    return 'CacheReentryError';
  }
  override readonly code = 'cache-reentry';

  constructor(readonly functionName: string) {
    super(`${functionName} waits for itself: its body calls it with the same arguments. Call the wrapped function.`);
  }
}
