/** What the attribute and bracket notation of a read-only object stands for. */
export interface ReadonlySource {
  get(key: string): unknown;
  has(key: string): boolean;
  /** In the order of iteration. */
  keys(): Iterable<string>;
}

/** `await`, `JSON.stringify`, devtools and frameworks ask any object for these. */
const probes = /^(__|@@|\$\$)|^(then|toJSON|nodeType|tagName|asymmetricMatch|inspect|length)$/;

/** What an unknown name reads as: names that everybody asks for are silent, for others `refuse` throws. */
export function readUnknown(key: string, refuse: (key: string) => unknown): unknown {
  if (key in Object.prototype) return Reflect.get(Object.prototype, key);
  return probes.test(key) ? undefined : refuse(key);
}

/**
 * An object whose properties are the keys of `source` and whose methods are `members`; members are not listed. Every
 * change throws, also in sloppy scripts, which would not notice a trap that returns `false`.
 *
 * @param tag - `${object}` is `[object tag]`: never values
 * @param refusal - the message of each attempt to change it
 */
export function createReadonlyProxy<T extends object>(
  tag: string,
  refusal: string,
  members: object,
  { get, has, keys }: ReadonlySource,
): T {
  // without a prototype, so that one lookup tells members from keys such as "constructor"
  const own: Record<string | symbol, unknown> = Object.assign(Object.create(null), members, {
    [Symbol.toStringTag]: tag,
    [Symbol.toPrimitive]: () => `[object ${tag}]`,
  });
  const isKey = (key: string | symbol): key is string => !(key in own) && typeof key === 'string';
  const refuse = (): never => {
    throw new TypeError(refusal);
  };
  return new Proxy<object>(
    {},
    {
      get: (_target, key) => own[key] ?? (typeof key === 'string' ? get(key) : undefined),
      has: (_target, key) => isKey(key) && has(key),
      ownKeys: () => [...keys()].filter(isKey),
      getOwnPropertyDescriptor: (_target, key) =>
        isKey(key) && has(key) ? { value: get(key), enumerable: true, configurable: true } : undefined,
      set: refuse,
      defineProperty: refuse,
      deleteProperty: refuse,
      preventExtensions: refuse,
      setPrototypeOf: refuse,
    },
  ) as T;
}
