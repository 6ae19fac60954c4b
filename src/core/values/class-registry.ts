// biome-ignore lint/suspicious/noExplicitAny: any constructor, whatever its parameters
export type AnyClass = abstract new (...args: any[]) => object;

/** Which classes survive persistence, and under which identifier. Knows nothing of how they are written. */
export interface ClassRegistry {
  /** Unchecked, see `registerChecked`. A class under two identifiers writes the first and reads both. */
  register(constructor: AnyClass, identifier: string): void;
  /** The class that was registered under this identifier. */
  byIdentifier(identifier: string): AnyClass | undefined;
  /** The identifier that this object's class (its direct prototype's constructor) is written with. */
  identifierOf(value: object): string | undefined;
  /** The identifier that direct instances of this class are written with. */
  identifierOfClass(constructor: AnyClass): string | undefined;
  /** Hears of every registration that changed something. */
  onRegister(listener: () => void): () => void;
}

/** One per page, see `registered-classes.ts`. */
export function createClassRegistry(): ClassRegistry {
  const classes = new Map<string, AnyClass>();
  const identifiers = new WeakMap<object, string>();
  const listeners = new Set<() => void>();
  return {
    register(constructor, identifier) {
      if (classes.get(identifier) === constructor) return;
      classes.set(identifier, constructor);
      if (!identifiers.has(constructor.prototype)) identifiers.set(constructor.prototype, identifier);
      for (const listener of [...listeners]) listener();
    },
    byIdentifier: (identifier) => classes.get(identifier),
    identifierOf(value) {
      const prototype = Object.getPrototypeOf(value) as object | null;
      return prototype === null ? undefined : identifiers.get(prototype);
    },
    identifierOfClass: ({ prototype }) => identifiers.get(prototype),
    onRegister(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
