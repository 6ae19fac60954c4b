/** What the attribute and bracket notation of a dict stands for. Keys are any text, method names included. */
export interface DictSource {
  get(key: string): unknown;
  /** `get` of keys that are not named like a member, asked before the members are: `undefined` for those that are. */
  getOther?(key: string): unknown;
  has(key: string): boolean;
  /** In the order of iteration. */
  keys(): Iterable<string>;
  set(key: string, value: unknown): void;
  delete(key: string): void;
}

export interface DictOptions {
  /** How the dict is called in messages, such as `sessionState`. */
  owner: string;
  /** `${dict}` is `[object Tag]`, never values, unless there is a member `toString`. */
  tag: string;
}

/** One under a symbol is seen by those only who know the symbol. */
type Members = Record<string | symbol, unknown>;

/**
 * An object whose properties are the keys of `source` and whose methods are `members`.
 *
 * Members win by dot and are not seen by `in`, `Object.keys` and a spread; a key of such a name is reached by methods
 * only. Nothing of `Object.prototype` shines through. All traps throw instead of returning `false`, which sloppy
 * scripts would not notice.
 */
export function createDict<T extends object>({ owner, tag }: DictOptions, members: Members, source: DictSource): T {
  // without a prototype, so that one lookup tells members from keys such as "constructor"
  const own: Members = Object.assign(Object.create(null), members);
  const { getOther } = source;
  const asText = (): string => `[object ${tag}]`;
  const refuse = (what: string): never => {
    throw new TypeError(`${owner} ${what}`);
  };
  const refuseMember = (key: string, method: string): void => {
    if (key in own) refuse(`has a method "${key}": use ${method}("${key}") for a key of this name.`);
  };
  const write = (key: string | symbol, value: unknown): true => {
    if (typeof key === 'symbol') return refuse('takes texts as keys, not symbols.');
    refuseMember(key, 'set');
    source.set(key, value);
    return true;
  };
  function* entries(): Generator<[string, unknown]> {
    // a list taken at the start: deleting inside the loop is safe
    for (const key of [...source.keys()]) if (source.has(key)) yield [key, source.get(key)];
  }

  return new Proxy<Members>(
    {},
    {
      get(_target, key) {
        if (typeof key === 'symbol') {
          if (key === Symbol.iterator) return entries;
          if (key === Symbol.toPrimitive) return own['toString'] ?? asText;
          return key === Symbol.toStringTag ? tag : own[key];
        }
        const value = getOther?.(key);
        if (value !== undefined) return value;
        const member = own[key];
        return member === undefined ? source.get(key) : member;
      },
      set: (_target, key, value) => write(key, value),
      has: (_target, key) => typeof key === 'string' && !(key in own) && source.has(key),
      deleteProperty(_target, key) {
        if (typeof key === 'symbol') return true;
        refuseMember(key, 'delete');
        source.delete(key);
        return true;
      },
      ownKeys: () => [...source.keys()].filter((key) => !(key in own)),
      getOwnPropertyDescriptor(_target, key) {
        if (typeof key === 'symbol' || key in own) return undefined;
        const value = source.get(key);
        // a value is there: a spread asks for every key, so it is not asked for twice
        if (value === undefined && !source.has(key)) return undefined;
        return { value, writable: true, enumerable: true, configurable: true };
      },
      defineProperty(_target, key, descriptor) {
        // configurable: false, too: the engine refuses it after the trap, which must not have written by then
        if (!('value' in descriptor) || descriptor.configurable === false)
          refuse(`holds values: "${String(key)}" cannot be an accessor.`);
        return write(key, descriptor.value);
      },
      preventExtensions: () => refuse('cannot be frozen.'),
      setPrototypeOf: () => refuse('cannot change its prototype.'),
    },
  ) as T;
}

/** A fresh plain object with these entries; a key `__proto__` becomes an own property. */
export function toPlainObject<V>(entries: Iterable<readonly [string, V]>): Record<string, V> {
  const result: Record<string, V> = {};
  for (const [key, value] of entries) {
    if (key === '__proto__')
      Object.defineProperty(result, key, { value, writable: true, enumerable: true, configurable: true });
    else result[key] = value;
  }
  return result;
}
