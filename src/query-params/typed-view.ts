// `define`: several typed parameters as one object.
import type { HistoryMode } from '../browser/address.js';
import { all } from '../browser/page-life.js';
import type { Change } from '../core/batch.js';
import type { Texts } from '../core/codec.js';
import { dictTraps, proxyOf } from '../core/dict.js';
import type { Unsubscribe } from '../core/listeners.js';
import type { Ref } from '../core/ref.js';
import { tagOf } from '../core/tag.js';
import { ReservedKeyError } from '../errors.js';
import { toPairs, wellFormed } from './input.js';
import type { DefineOptions, ParamShape, TypedView, WriteOptions } from './members.js';
import { codecOf } from './param/codec-of.js';
import { cutUrl, type Edits, parseQuery } from './query-text.js';
import { createParamRef, type QueryPort, type TypedParam } from './typed-param.js';

const owner = 'queryParams.define';

interface ViewParam {
  readonly key: string;
  readonly typed: TypedParam;
  readonly ref: Ref<unknown>;
}
type ViewParams = Map<string, ViewParam>;

/** The edits of these values; other parameters of the view lose the texts that do not parse. */
function toEdits(port: QueryPort, params: ViewParams, call: string, values: object): Edits {
  const edits = new Map<string, Texts>();
  for (const [name, value] of toPairs(call, values)) {
    const { key, typed } = paramOf(params, call, name);
    edits.set(key, typed.toTexts(call, value));
  }
  for (const { key, typed } of params.values()) {
    const texts = edits.has(key) ? undefined : port.texts(key);
    const repaired = texts && typed.repair(call, texts);
    if (repaired) edits.set(key, repaired);
  }
  return edits;
}

function paramOf(params: ViewParams, call: string, name: string): ViewParam {
  const found = params.get(name);
  if (!found) throw new TypeError(`${call}: no parameter "${String(name)}", only ${[...params.keys()].join(', ')}.`);
  return found;
}

/** Tells which values of the view have changed: what the refs hear in a round, at its end. */
function hear(port: QueryPort, params: ViewParams, tell: (changes: Change[]) => void): Unsubscribe {
  const changes: Change[] = [];
  const ends = [...params].map(([key, { ref }]) =>
    ref.listen((value, previous) => changes.push({ key, value, previous })),
  );
  return all(
    ...ends,
    port.subscribe(() => {
      if (changes.length > 0) tell(changes.splice(0));
    }),
  );
}

/** The query of what `parse` was given, without `?`. */
function queryOf(source: unknown, isHash: boolean): string {
  const tag = tagOf(source);
  const { href, url } = Object(source);
  const text: unknown = { URL: href, Request: url, String: source, URLSearchParams: `?${source as string}` }[tag];
  if (typeof text !== 'string') throw new TypeError(`${owner}().parse: give a text, a URL or a Request.`);
  // a text without ? is a query, unless it begins like a URL; one of the hash is in the hash of a URL only
  return (isHash ? /^([a-z][a-z\d+.-]*:)?\/|#/i : /^([a-z][a-z\d+.-]*:|\.\.?)?\/|^#|^[^=&]*\?/i).test(text)
    ? cutUrl(text, isHash).query
    : text.replace(/^\?|#.*/gs, '');
}

export function createTypedView<S extends ParamShape>(
  port: QueryPort,
  shape: S,
  { history, keepDefaults, names = {} }: DefineOptions<S>,
): TypedView<S> {
  const params: ViewParams = new Map();
  const modeOf = (call: string, options?: WriteOptions): HistoryMode => port.modeOf(call, options, history);
  modeOf(owner);
  const write = (call: string, values: object, options?: WriteOptions): void =>
    port.writeAll(toEdits(port, params, call, values), modeOf(call, options));
  const toDict = (valueOf: (param: ViewParam) => unknown): Record<string, unknown> =>
    Object.fromEntries([...params].map(([name, param]) => [name, valueOf(param)]));

  const members = {
    update: (values: object = {}, options?: WriteOptions) => write(`${owner}().update`, values, options),
    href: (values: object = {}) => port.href(toEdits(port, params, `${owner}().href`, values)),
    parse(source: unknown) {
      const { texts } = parseQuery(wellFormed(queryOf(source, port.isHash)));
      return toDict(({ key, typed }) => typed.read(texts.get(key)));
    },
    reset: (options?: WriteOptions) =>
      port.writeAll(new Map([...params.values()].map(({ key }) => [key, []])), modeOf(`${owner}().reset`, options)),
    subscribe: (target: unknown, listener?: unknown): Unsubscribe =>
      typeof target === 'function'
        ? hear(port, params, target as () => void)
        : members.ref(target as string).listen(listener as () => void),
    ref: (name: string) => paramOf(params, owner, name).ref,
    toDict: () => toDict(({ ref }) => ref.get()),
  };
  // not read from the object: a parameter may be called "constructor"
  const inUrl = new Map(Object.entries<string | undefined>(names));
  for (const [name, value] of Object.entries(shape)) {
    if (Object.hasOwn(members, name))
      throw new ReservedKeyError(owner, name, `for a method: give another with { names }.`);
    const key = port.check(owner, inUrl.get(name) ?? name);
    for (const [other, { key: taken }] of params)
      if (taken === key) throw new TypeError(`${owner}: "${other}" and "${name}" stand for one parameter "${key}".`);
    const codec = codecOf(value);
    if (!codec) throw new TypeError(`${owner}: "${name}" needs a plain default or a codec.`);
    const typed = port.typed(key, codec, keepDefaults);
    params.set(name, { key, typed, ref: createParamRef(port, key, typed, (now) => write(owner, [[name, now]])) });
  }

  return proxyOf(
    dictTraps(owner, 'QueryParamsView', members, {
      get: (name) => params.get(name)?.ref.get(),
      has: (name) => params.has(name),
      keys: () => params.keys(),
      set: (name, value) => write(owner, [[name, value]]),
      delete: (name) => write(owner, [[name, undefined]]),
    }),
  );
}
