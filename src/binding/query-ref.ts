// A parameter of the URL and a ref kept equal.
import type { AnyCodec, Texts } from '../core/codec.js';
import type { Unsubscribe } from '../core/listeners.js';
import type { Ref } from '../core/ref.js';
import type { BindOptions } from './bind.js';
import { isSame } from './controls.js';
import type { QueryPort } from './port.js';
import { reads, refuse, textsOf as textsOfParam, write } from './query-controls.js';

const call = 'bind(queryParams, ref)';
const text: AnyCodec = { parse: (texts) => texts.at(-1), format: (value) => value as string };

/** Keeps a `Ref` and a parameter equal. */
export function bindRef(port: QueryPort, ref: Ref<unknown>, options: BindOptions): Unsubscribe {
  const { history, removeOnUnbind } = options;
  if (options.key === undefined) throw new TypeError(`${call}: give the parameter's name as { key }.`);
  const key = port.check(call, options.key);
  const given = (options.codec ?? port.codecOf(options.default)) as AnyCodec | undefined;
  const initial = options.default ?? given?.default;
  const codec = given ?? port.codecOf(ref.get()) ?? text;
  const typed = port.typed(key, Object.create(codec, { default: { value: initial } }));
  const textsOf = (value: unknown): Texts => (value === null ? [] : textsOfParam(typed, codec, call, value));
  /** What the URL has put there; nothing to write for it. */
  let taken: { value: unknown } | undefined;
  const fromRef = (): void => {
    const value = ref.get();
    if (taken && Object.is(taken.value, value)) return;
    taken = undefined;
    write(port, key, textsOf(value), history);
  };
  const says = (texts: Texts): boolean => {
    try {
      return isSame(textsOf(ref.get()), texts);
    } catch {
      // what the ref holds cannot be written: the URL is right
      return false;
    }
  };
  const fromQuery = (): void => {
    const texts = port.texts(key);
    if (says(texts ?? [])) return;
    const value = typed.of(texts);
    // lists of parameters are frozen
    taken = { value: Array.isArray(value) ? [...value] : value };
    ref.set(taken.value);
  };
  if (port.texts(key)) fromQuery();
  else fromRef();
  const ends = [
    ref.listen(fromRef),
    port.subscribe(key, (texts) => {
      if (!texts && !port.isPending(key) && port.hasMoved()) return;
      fromQuery();
      if (!reads(codec, texts)) refuse(port, key);
    }),
  ];
  return () => {
    for (const end of ends) end();
    if (removeOnUnbind && ends.length > 0) write(port, key, [], history);
    ends.length = 0;
  };
}
