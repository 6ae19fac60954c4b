/** What the attribute and bracket notation of an object stands for. Keys are any text, method names included. */
export interface ReadonlySource {
  get(key: string): unknown;
  /** `get` of keys that are not named like a member, asked before the members are: `undefined` for those that are. */
  getOther?(key: string): unknown;
  has(key: string): boolean;
  /** In the order of iteration. */
  keys(): Iterable<string>;
  /** What reads as a property that `get` has `undefined` for. Default: `undefined`. */
  unknown?(key: string): unknown;
}

export interface DictSource extends ReadonlySource {
  set(key: string, value: unknown): void;
  delete(key: string): void;
}

/** A key as text. @throws TypeError for a symbol */
export function keyText(owner: string, key: unknown): string {
  if (typeof key === 'symbol') throw new TypeError(`${owner} takes texts as keys, not symbols.`);
  return String(key);
}

/** The object of these traps. */
export const proxyOf = <T extends object>(traps: ProxyHandler<object>): T => new Proxy<object>({}, traps) as T;

/** The same, with traps that are made at the first use: a page may import the object and never touch it. */
export function proxyOfLate<T extends object>(create: () => ProxyHandler<object>): T {
  const traps: ProxyHandler<object> = Object.create(
    new Proxy<object>(
      {},
      {
        // hears of the first trap that the engine asks for, and then stands in the way of none
        get(_target, name) {
          const made = create();
          return Reflect.get(Object.assign(Object.setPrototypeOf(traps, null), made), name);
        },
      },
    ),
  );
  return proxyOf(traps);
}

/**
 * Of an object whose properties are the keys of `source` and whose methods are `members`.
 *
 * Members win by dot and are not seen by `in`, `Object.keys` and a spread; a key of such a name is reached by methods
 * only. Nothing of `Object.prototype` shines through. Every change throws, also in sloppy scripts, which would not notice
 * a trap that returns `false`.
 *
 * @param refusal - the message of each attempt to change it
 * @param changes - traps of the changes that it takes
 */
export function readonlyTraps(
  tag: string,
  refusal: string,
  members: object,
  { get, getOther, has, keys, unknown }: ReadonlySource,
  changes?: ProxyHandler<object>,
): ProxyHandler<object> {
  // without a prototype, so that one lookup tells members from keys such as "constructor"
  const own: Record<string | symbol, unknown> = Object.assign(Object.create(null), members);
  own[Symbol.toStringTag] = tag;
  own[Symbol.toPrimitive] = own['toString'] ?? (() => `[object ${tag}]`);
  const isKey = (key: string | symbol): key is string => typeof key === 'string' && !(key in own);
  const refuse = (): never => {
    throw new TypeError(refusal);
  };
  return {
    get(_target, key) {
      if (typeof key === 'symbol') return own[key];
      const value = getOther?.(key) ?? own[key] ?? get(key);
      return value === undefined ? unknown?.(key) : value;
    },
    has: (_target, key) => isKey(key) && has(key),
    ownKeys: () => [...keys()].filter(isKey),
    getOwnPropertyDescriptor(_target, key) {
      if (!isKey(key)) return undefined;
      const value = get(key);
      // where a value is there, nothing else is asked: a spread asks for every key
      return value === undefined && !has(key)
        ? undefined
        : { value, writable: !!changes, enumerable: true, configurable: true };
    },
    set: refuse,
    defineProperty: refuse,
    deleteProperty: refuse,
    preventExtensions: refuse,
    setPrototypeOf: refuse,
    ...changes,
  };
}

/**
 * Of one whose keys can be set and deleted; iteration gives its pairs.
 *
 * @param owner - how the dict is called in messages, such as `sessionState`
 * @param tag - `${dict}` is `[object Tag]`, never values, unless there is a member `toString`
 */
export function dictTraps(owner: string, tag: string, members: object, source: DictSource): ProxyHandler<object> {
  const check = (name: string | symbol, method: string): string => {
    const key = keyText(owner, name);
    if (Object.hasOwn(members, key)) throw new TypeError(`${owner}.${key} is a method: use ${method}("${key}").`);
    return key;
  };
  const set = (_target: unknown, key: string | symbol, value: unknown): true => {
    source.set(check(key, 'set'), value);
    return true;
  };
  function* entries(): Generator<[string, unknown]> {
    // a list taken at the start: deleting inside the loop is safe
    for (const key of [...source.keys()]) if (source.has(key)) yield [key, source.get(key)];
  }
  const refusal = `${owner} cannot be frozen or get a prototype.`;
  return readonlyTraps(tag, refusal, { ...members, [Symbol.iterator]: entries }, source, {
    set,
    deleteProperty(_target, key) {
      if (typeof key === 'string') source.delete(check(key, 'delete'));
      return true;
    },
    defineProperty(target, key, descriptor) {
      // configurable: false, too: the engine refuses it after the trap, which must not have written by then
      if ('value' in descriptor && descriptor.configurable !== false) return set(target, key, descriptor.value);
      throw new TypeError(`${owner}: "${String(key)}" must be a plain value.`);
    },
  });
}

/** `await`, `JSON.stringify`, devtools and frameworks ask any object for these. */
const probes = /^(__|@@|\$\$)|^(then|toJSON|nodeType|tagName|asymmetricMatch|inspect|length)$/;

/** What an unknown name reads as: names that everybody asks for are silent, for others `refuse` throws. */
export function readUnknown(key: string, refuse: (key: string) => unknown): unknown {
  if (key in Object.prototype) return Reflect.get(Object.prototype, key);
  return probes.test(key) ? undefined : refuse(key);
}
