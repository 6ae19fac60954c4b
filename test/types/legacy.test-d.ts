// The types of the old names.
import { describe, expectTypeOf, it } from 'vitest';
import { registerClass, spinner } from '../../src/index.js';
import { cache, type LegacyCached } from '../../src/legacy/index.js';

describe('[CAC-207] cache', () => {
  it('returns what the function returns; a promise where results persist', () => {
    const product = cache((a: number, b: number) => a * b, { ttl: 60, maxEntries: 5 });
    expectTypeOf(product).toEqualTypeOf<LegacyCached<[a: number, b: number], number>>();
    expectTypeOf(product(2, 3)).toEqualTypeOf<number>();
    expectTypeOf(cache((a: number) => a, { persist: true })(1)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(cache(async (a: number) => a, { persist: 'disk' })(1)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(cache({ suppressStWarning: true })((a: number) => a)(1)).toEqualTypeOf<number>();
    expectTypeOf(cache.clear()).toEqualTypeOf<Promise<void>>();
    // @ts-expect-error two numbers
    product('2', 3);
    // @ts-expect-error seconds only
    cache(() => 1, { ttl: '1d' });
    // @ts-expect-error an unknown option
    cache(() => 1, { copy: 'share' });
  });
});

describe('spinner, registerClass', () => {
  it('passes on what the work gives', () => {
    expectTypeOf(spinner('x', Promise.resolve(1))).toEqualTypeOf<Promise<number>>();
    expectTypeOf(spinner('x', () => 'y', { showTime: true, delay: 0.2 })).toEqualTypeOf<Promise<string>>();
    expectTypeOf(spinner('x', async () => [1])).toEqualTypeOf<Promise<number[]>>();
    // @ts-expect-error seconds
    spinner('x', () => 1, { delay: '1s' });
  });

  it('takes classes, also abstract ones', () => {
    abstract class Shape {}
    expectTypeOf(registerClass(Shape, 'Shape')).toEqualTypeOf<void>();
    // @ts-expect-error the identifier is missing
    registerClass(Shape);
    // @ts-expect-error not a class
    registerClass({}, 'x');
  });
});
