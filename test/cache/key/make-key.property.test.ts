// Keys of any arguments: equal if and only if the arguments are.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeyMaker } from '../../../src/cache/key/make-key.js';
import { createClassRegistry } from '../../../src/core/values/class-registry.js';
import { graphs, object, values } from '../../helpers/arbitrary-values.js';
import { inputs } from '../../helpers/inputs.js';
import { sameArguments } from '../../helpers/same-arguments.js';

const makeKey = createKeyMaker({ functionName: 'f', classes: createClassRegistry() });

/** An equal value made anew: members of objects, Maps and Sets in the opposite order. */
function reordered(value: unknown, copies = new Map<object, unknown>()): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = copies.get(value);
  if (known) return known;
  const remember = <T>(copy: T): T => {
    copies.set(value, copy);
    return copy;
  };
  if (value instanceof Map) {
    const copy = remember(new Map());
    for (const [key, member] of [...value].reverse()) copy.set(reordered(key, copies), reordered(member, copies));
    return copy;
  }
  if (value instanceof Set) {
    const copy = remember(new Set());
    for (const member of [...value].reverse()) copy.add(reordered(member, copies));
    return copy;
  }
  if (Array.isArray(value)) {
    const copy: unknown[] = remember(new Array(value.length));
    value.forEach((member, i) => {
      copy[i] = reordered(member, copies);
    });
    return copy;
  }
  if (![Object.prototype, null].includes(Object.getPrototypeOf(value))) return value;
  const copy = remember({});
  for (const [name, member] of Object.entries(value).reverse())
    Object.defineProperty(copy, name, { value: reordered(member, copies), enumerable: true, configurable: true });
  return copy;
}

describe('keys', () => {
  it('[CAC-50][CAC-52] are equal if and only if the arguments are', () => {
    const lists = fc.array(values, { maxLength: 3 });
    fc.assert(
      fc.property(lists, lists, (a, b) => {
        expect(makeKey(a) === makeKey(b)).toBe(sameArguments(a, b));
      }),
      inputs(2000),
    );
  });

  it('[CAC-52][CAC-53] do not depend on the order of members', () => {
    fc.assert(
      fc.property(graphs, (value) => {
        expect(makeKey([reordered(value)])).toBe(makeKey([value]));
      }),
      inputs(500),
    );
  });

  it('[CAC-49] differ after one change anywhere', () => {
    const nested = fc.tuple(
      values,
      values,
      fc.array(fc.constantFrom('array', 'object', 'map', 'key', 'set'), { maxLength: 4 }),
    );
    fc.assert(
      fc.property(nested, ([a, b, path]) => {
        const wrap = (value: unknown) =>
          path.reduce<unknown>((inner, kind) => {
            if (kind === 'array') return [0, inner];
            if (kind === 'object')
              return object([
                ['x', 0],
                ['a', inner],
              ]);
            if (kind === 'map') return new Map([['k', inner]]);
            return kind === 'key' ? new Map([[inner, 0]]) : new Set([inner]);
          }, value);
        const [left, right] = [wrap(a), wrap(b)];
        expect(makeKey([left]) === makeKey([right])).toBe(sameArguments([left], [right]));
      }),
      inputs(1000),
    );
  });

  it('[CAC-55] tell cycles apart as the oracle does', () => {
    fc.assert(
      fc.property(graphs, graphs, (a, b) => {
        expect(makeKey([a]) === makeKey([b])).toBe(sameArguments([a], [b]));
      }),
      inputs(1000),
    );
  });
});
