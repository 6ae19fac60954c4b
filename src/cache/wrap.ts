// Cached functions: what one is, what one call of it is, and how one is made, also as method and decorator.
import { typeNameOf } from '../core/values/builtin-class.js';
import { classes } from '../registered-classes.js';
import { shared } from '../registry.js';
import type { Backing, Place } from './backing.js';
import type { Bucket } from './bucket.js';
import type { CacheState } from './cache-state.js';
import type { Entry, StoredResult } from './entry.js';
import type { Flight } from './flight.js';
import { type Identity, identify, type Kind, labelOf } from './identity.js';
import { createKeyMaker, type KeyMaker } from './key/make-key.js';
import type { Settings } from './options.js';
import { type Reader, readOptions } from './read-options.js';
import { running } from './running.js';

/** The code of a wrapped function's calls, which may come late. */
export interface CallCode {
  /** What is there now, connected with what is stored; loads nothing. */
  now(): typeof import('./calls.js') | undefined;
  /** Resolves when it is there, cannot be loaded, or takes too long. */
  load(): Promise<void>;
}

/** How results are kept, and what callers get. */
export interface Values {
  /** The function is about to run for this call. */
  running?(call: Call): void;
  /** @throws if the result cannot be kept */
  keep(value: unknown): StoredResult;
  /** What a caller gets of an entry; a promise of it where it is in Blobs. */
  give(bucket: Bucket, entry: Entry): unknown;
  /** The entry is about to be put. */
  added(bucket: Bucket, entry: Entry): void;
}

/** One wrapped function with its own options. */
export interface Wrapped {
  readonly state: CacheState;
  readonly fn: Function;
  readonly settings: Settings;
  readonly identity: Identity;
  readonly makeKey: KeyMaker;
  /** `this` counts. */
  readonly usesThis: boolean;
  /** Always promises (data). */
  readonly isData: boolean;
  /** Errors about keys reject. */
  readonly rejects: boolean;
  /** Of data as soon as the code of calls is there. */
  values: Values;
  /** A call of the wrapped function. */
  enter(w: Wrapped, self: unknown, args: readonly unknown[]): unknown;
  code: CallCode;
  /** Where the entries of the main bucket are stored; absent: nowhere. */
  readonly place: Place | undefined;
  /** The way there, as soon as its code is loaded. */
  backing: Backing | undefined;
  /** Nothing may be kept here: a server, whose memory belongs to all its users. */
  isPassive(): boolean;
}

/** What is known of a call when it is made. */
export interface CallFacts {
  readonly w: Wrapped;
  readonly key: string;
  readonly self: unknown;
  readonly args: readonly unknown[];
  /** The flight in whose body the call was made, as far as its synchronous part shows it. */
  readonly caller: Flight | undefined;
  /** It goes on in a later task than that in which it was made: its code had to be loaded. */
  readonly isLate?: boolean;
}

/** One call, as far as it goes on. */
export interface Call extends CallFacts {
  readonly bucket: Bucket;
  /** On behalf of a ref, which is no use. */
  readonly isQuiet: boolean;
  /** What is stored was refused already. */
  readonly skipsStored: boolean;
  /** How often it had to look again. */
  readonly looks: number;
}

export const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** The object whose method is called, where it has entries of its own. */
export const ownerOf = ({ makeKey, usesThis }: Wrapped, self: unknown): object | undefined =>
  usesThis && isObject(self) && !makeKey.covers(self) ? self : undefined;

/** @throws UnhashableParamError, UserHashError */
export const keyOf = (w: Wrapped, self: unknown, args: readonly unknown[]): string =>
  w.makeKey(args, self, w.usesThis && self !== undefined && self !== null && !ownerOf(w, self));

/** @throws UnhashableParamError, UserHashError */
export const factsOf = (w: Wrapped, self: unknown, args: readonly unknown[]): CallFacts => ({
  w,
  key: keyOf(w, self, args),
  self,
  args,
  caller: running.flight,
});

/** What differs between the two kinds. */
export interface KindOf {
  readonly kind: Kind;
  /** The public name, for messages. */
  readonly call: string;
  /** Its options, and how they are read. */
  readonly options: Record<string, Reader>;
  complete(base: WrappedBase): Wrapped;
  /**
   * The members of a wrapped function.
   *
   * @param bound - the instance whose method this is; absent: members act on all instances
   */
  members(w: Wrapped, bound: object | undefined): object;
}

/** What both kinds have in common. */
export type WrappedBase = Pick<Wrapped, 'state' | 'fn' | 'settings' | 'identity' | 'makeKey' | 'usesThis'> & {
  readonly isDeclaredAsync: boolean;
};

/** The identities of cached functions, so that one can stand in `deps` of another. */
const cached = shared('faces', () => new WeakMap<Function, Identity>());

const identityOf = (fn: Function): string | undefined => cached.get(fn)?.id;

function checkFunction(call: string, fn: unknown): asserts fn is Function {
  const refuse = (what: string): never => {
    throw new TypeError(`${call}: give a function, not ${what}.`);
  };
  if (typeof fn !== 'function') refuse(`a value of type ${typeNameOf(fn)}`);
  // `prototype` is writable on functions, read-only on classes and built-in constructors
  if (Object.getOwnPropertyDescriptor(fn, 'prototype')?.writable === false) refuse('a class');
  if (/Generator/.test(Object.prototype.toString.call(fn))) refuse('a generator function');
}

interface Declared {
  readonly fn: unknown;
  readonly options: unknown;
  /** Of a class, which does not count. */
  readonly isStatic?: boolean;
}

function wrap(state: CacheState, of: KindOf, { fn, options, isStatic = false }: Declared): Wrapped {
  checkFunction(of.call, fn);
  const label = labelOf((options as { name?: unknown } | null)?.name, fn);
  const settings: Settings = readOptions(`${of.call}(${label})`, of.options, options);
  const identity = identify(state, of.kind, fn, settings);
  const { hashFuncs, ignore, key, deps, onMessage, method } = settings;
  if (onMessage) identity.onMessage = onMessage;
  return of.complete({
    state,
    fn,
    settings,
    identity,
    makeKey: createKeyMaker({ functionName: identity.label, classes, hashFuncs, ignore, key, deps, identityOf }),
    usesThis: method && !isStatic && !ignore?.includes('this'),
    isDeclaredAsync: Object.prototype.toString.call(fn) === '[object AsyncFunction]',
  });
}

/** The function that users call; a method definition, so that `new` is a TypeError. */
function createCached(w: Wrapped, of: KindOf, bound: object | undefined): Function {
  const { fn, settings } = w;
  const { method } = settings;
  const { call } = {
    call(this: unknown, ...args: unknown[]): unknown {
      // an object that inherits an instance's handle is another one
      const isOwn = bound && !Object.prototype.isPrototypeOf.call(bound, this as object);
      return w.enter(w, method ? (isOwn ? bound : this) : undefined, args);
    },
  };
  cached.set(call, w.identity);
  Object.assign(call, of.members(w, bound));
  return Object.defineProperties(call, {
    name: { value: fn.name, configurable: true },
    length: { value: fn.length, configurable: true },
    wrapped: { value: fn, configurable: true },
  });
}

interface MethodContext {
  readonly kind: string;
  readonly name: string | symbol;
  readonly static: boolean;
  readonly private: boolean;
  addInitializer(initializer: (this: object) => void): void;
}

const isContext = (value: unknown): value is MethodContext =>
  typeof (value as MethodContext | undefined)?.addInitializer === 'function';

/** A cached method. Each instance gets a handle of its own, whose members act on that instance only. */
function decorate(state: CacheState, of: KindOf, { fn, options }: Declared, context: MethodContext): Function {
  if (context.kind !== 'method')
    throw new TypeError(`@${of.call} stands before methods, not before a ${context.kind}.`);
  const { name, static: isStatic } = context;
  const w = wrap(state, of, { fn, options: { ...(options as object), method: true }, isStatic });
  const cachedMethod = createCached(w, of, undefined);
  if (isStatic || context.private) return cachedMethod;
  context.addInitializer(function (this: object) {
    // overridden in a subclass: `super` reaches the method through the prototype
    if ((this as Record<PropertyKey, unknown>)[name] !== cachedMethod) return;
    const define = (instance: object, value: unknown): void => {
      Reflect.defineProperty(instance, name, { value, writable: true, configurable: true });
    };
    // made at first use: most instances never ask
    Reflect.defineProperty(this, name, {
      configurable: true,
      get(this: object) {
        const handle = createCached(w, of, this);
        define(this, handle);
        return handle;
      },
      set(this: object, value: unknown) {
        define(this, value);
      },
    });
  });
  return cachedMethod;
}

/** `experimentalDecorators` gives the class or its prototype, a name and a descriptor. */
function checkDecorated(call: string, name: unknown, descriptor: unknown): void {
  if ((typeof name === 'string' || typeof name === 'symbol') && typeof descriptor === 'object')
    throw new TypeError(`@${call}: turn \`experimentalDecorators\` off, or wrap with \`method: true\`.`);
}

type Forms = (first?: unknown, second?: unknown, third?: unknown) => unknown;

/** `cacheData` and `cacheResource`: with a function, with options first, and as decorators. */
export function createForms(state: CacheState, of: KindOf): Forms {
  const cache = (fn: unknown, options: unknown, context?: unknown): Function =>
    isContext(context)
      ? decorate(state, of, { fn, options }, context)
      : createCached(wrap(state, of, { fn, options }), of, undefined);
  return (first, second, third) => {
    checkDecorated(of.call, second, third);
    if (typeof first === 'function') return isContext(second) ? cache(first, {}, second) : cache(first, second ?? {});
    if (first !== undefined && (first === null || typeof first !== 'object' || second !== undefined))
      checkFunction(of.call, first);
    const options = first ?? {};
    return (fn: unknown, context?: unknown, descriptor?: unknown) => {
      checkDecorated(of.call, context, descriptor);
      return cache(fn, options, context);
    };
  };
}
