// Which class of the language or the platform a value is of, in any realm.
const names = new WeakMap<object, string>();

/** This realm's global value of that name, looked up late: what the engine has differs. */
export function globalOf<T>(name: string): T | undefined {
  return (globalThis as unknown as Record<string, T | undefined>)[name];
}

/**
 * The name of the built-in class whose prototype this is, in any realm (iframes have their own), such as `Map`, `URL`
 * or `Temporal.Instant`; `''` for classes of users, also those that extend a built-in one.
 */
export function builtinClassOf(prototype: object): string {
  let name = names.get(prototype);
  if (name !== undefined) return name;
  name = '';
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  if (typeof constructor === 'function' && constructor.prototype === prototype) {
    const tag = (prototype as Record<symbol, unknown>)[Symbol.toStringTag];
    // polyfills of Temporal are classes of scripts, and so are URL and Blob in Node
    if (typeof tag === 'string' && tag.startsWith('Temporal.')) name = tag;
    else if (isNative(constructor) || globalOf(constructor.name) === constructor) name = constructor.name;
    // fake timers put a class of their own in the place of Date, which it extends
    else if (globalOf<DateConstructor>('Date')?.prototype === prototype) name = 'Date';
  }
  names.set(prototype, name);
  return name;
}

/** The language's own errors. Structured clone knows no AggregateError, and in WebKit turns `cause` into text. */
export const isErrorClass = (name: string): boolean =>
  /^(?:Eval|Range|Reference|Syntax|Type|URI|Aggregate)?Error$/.test(name);

/** Whether a function is the engine's own, of whatever realm. */
function isNative(fn: Function): boolean {
  return /\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(fn));
}

/** What a value is, for messages: `function`, `Promise`, `HTMLDivElement`, `Shop`. Never a value. */
export function typeNameOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  try {
    const name: unknown = (Object.getPrototypeOf(value) as { constructor?: Function } | null)?.constructor?.name;
    if (typeof name === 'string' && name !== '' && name !== 'Object' && name !== 'Iterator') return name;
    const tag = (value as Record<symbol, unknown>)[Symbol.toStringTag];
    return typeof tag === 'string' && tag !== '' ? tag : 'Object';
  } catch {
    // only a proxy can refuse to tell
    return 'Proxy';
  }
}
