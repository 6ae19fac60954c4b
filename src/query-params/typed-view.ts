import type { HistoryMode } from '../browser/address.js';
import type { Change } from '../core/batch.js';
import { codecOf } from '../core/codec-of.js';
import { createDict } from '../core/dict.js';
import type { Unsubscribe } from '../core/listeners.js';
import type { Edits, Texts } from '../core/query-text.js';
import type { Ref } from '../core/ref.js';
import { ReservedKeyError } from '../errors.js';
import { toMode, toPairs } from './input.js';
import { createParamRef, type QueryPort, type WriteOptions } from './param-ref.js';
import type { DefineOptions, ParamShape, TypedView } from './shape.js';
import { createTypedParam, type TypedParam } from './typed-param.js';

export function createTypedView<S extends ParamShape>(
  port: QueryPort,
  shape: S,
  { history: mode, keepDefaults, names }: DefineOptions<S>,
  defaultMode: HistoryMode,
): TypedView<S> {
  const owner = 'queryParams.define';
  const params = new Map<string, { key: string; typed: TypedParam; ref: Ref<unknown> }>();
  const paramOf = (call: string, name: string) => {
    const found = params.get(name);
    if (!found)
      throw new TypeError(
        `${call}: the shape has no parameter "${String(name)}". It has ${[...params.keys()].join(', ')}.`,
      );
    return found;
  };
  const viewMode = toMode(owner, mode ?? defaultMode);

  /** The edits of these values; other parameters of the view lose the texts that do not parse. */
  const toEdits = (call: string, values: object): Edits => {
    const edits = new Map<string, Texts>();
    for (const [name, value] of toPairs(call, values)) {
      const { key, typed } = paramOf(call, name);
      edits.set(key, typed.toTexts(call, value));
    }
    for (const { key, typed } of params.values()) {
      const texts = edits.has(key) ? undefined : port.texts(key);
      const repaired = texts && typed.repair(call, texts);
      if (repaired) edits.set(key, repaired);
    }
    return edits;
  };
  const write = (call: string, values: object, options?: WriteOptions): void =>
    port.write(toEdits(call, values), toMode(call, options?.history ?? viewMode));

  const members = {
    update: (values: object = {}, options?: WriteOptions) => write(`${owner}().update`, values, options),
    href: (values: object = {}) => port.href(toEdits(`${owner}().href`, values)),
    reset: (options?: WriteOptions) =>
      port.write(
        new Map([...params.values()].map(({ key }) => [key, []])),
        toMode(`${owner}().reset`, options?.history ?? viewMode),
      ),
    subscribe(...[target, listener]: [unknown, ((now: unknown, before: unknown) => void)?]): Unsubscribe {
      if (typeof target !== 'function')
        return paramOf(`${owner}().subscribe`, target as string).ref.listen(listener as () => void);
      const last = new Map([...params].map(([name, { ref }]) => [name, ref.get()]));
      return port.subscribe((changes) => {
        const told: Change[] = [];
        for (const [name, { key, typed }] of params) {
          const change = changes.find((each) => each.key === key);
          if (!change) continue;
          const previous = last.get(name);
          const value = typed.of(change.value);
          last.set(name, value);
          if (!Object.is(value, previous)) told.push({ key: name, value, previous });
        }
        if (told.length > 0) target(told);
      });
    },
    ref: (name: string) => paramOf(`${owner}().ref`, name).ref,
    toDict: () => Object.fromEntries([...params].map(([name, { ref }]) => [name, ref.get()])),
  };

  for (const [name, value] of Object.entries(shape)) {
    if (name in members)
      throw new ReservedKeyError(
        owner,
        name,
        `for the view's method: use another name and { names: { other: "${name}" } }.`,
      );
    const key = port.check(owner, names?.[name] ?? name);
    for (const [other, { key: taken }] of params)
      if (taken === key)
        throw new TypeError(
          `${owner}: "${other}" and "${name}" stand for one parameter "${key}". Give one of them another name in "names".`,
        );
    const codec = codecOf(value);
    if (!codec)
      throw new TypeError(
        `${owner}: "${name}" needs a text, number, boolean, Date, list of one of these, or a codec of param.`,
      );
    const typed = createTypedParam(key, codec, keepDefaults);
    params.set(name, { key, typed, ref: createParamRef(port, key, typed, (now) => write(owner, [[name, now]])) });
  }

  return createDict<TypedView<S>>({ owner: 'The view of queryParams.define', tag: 'QueryParamsView' }, members, {
    get: (name) => params.get(name)?.ref.get(),
    has: (name) => params.has(name),
    keys: () => params.keys(),
    set: (name, value) => write(owner, [[name, value]]),
    delete: (name) => write(owner, [[name, undefined]]),
  });
}
