// A new copy that shares what has not changed with the old one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClassRegistry } from '../../../src/core/values/class-registry.js';
import { shareUnchanged } from '../../../src/core/values/shared-copy.js';
import { valueTextOf } from '../../../src/core/values/text.js';
import { inputs } from '../../helpers/inputs.js';

const { format, parse } = valueTextOf(createClassRegistry());
const copy = <T>(value: T): T => parse(format(value) as string) as T;
const share = <T>(live: T, before: T, shown: T): T =>
  shareUnchanged(copy(live), before, shown, (a, b) => format(a) === format(b)) as T;

describe('shareUnchanged', () => {
  it('gives the shown object itself when nothing changed', () => {
    const shown = { a: [1, { b: new Date(1) }], m: new Map([['k', new Set([1])]]) };
    expect(share(copy(shown), copy(shown), shown)).toBe(shown);
  });

  it('makes new only what leads to a change', () => {
    const live = { left: { n: 1 }, right: { list: [{ n: 1 }, { n: 2 }] } };
    const before = copy(live);
    live.right.list[1]!.n = 3;
    const next = share(live, before, live);
    expect(next).toEqual(live);
    expect([next === live, next.left === live.left, next.right === live.right]).toEqual([false, true, false]);
    expect([next.right.list[0] === live.right.list[0], next.right.list[1] === live.right.list[1]]).toEqual([
      true,
      false,
    ]);
    const removed = copy(live) as { left?: object; right: object };
    delete removed.left;
    expect(share(removed, copy(live), next)).toEqual({ right: live.right });
  });

  it('equals the live value, whatever changed', () => {
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom<unknown>(1, 'a', null, undefined, 2n),
        fc.date({ noInvalidDate: true }),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('x', 'y', 'z'), tie('node')),
        fc.array(fc.tuple(fc.constantFrom('a', 'b'), tie('node')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
        fc.array(tie('node'), { maxLength: 3 }).map((items) => new Set(items)),
      ),
    })).node;
    fc.assert(
      fc.property(tree, tree, (old, now) => {
        const next = share(now, copy(old), copy(old));
        expect(next).toEqual(now);
        expect(share(copy(now), copy(now), next)).toBe(next);
      }),
      inputs(100),
    );
  });
});
