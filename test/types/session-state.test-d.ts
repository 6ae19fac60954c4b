// The types of sessionState.
import { describe, expectTypeOf, it } from 'vitest';
import { type Change, createSessionState, type Ref, type SessionState, sessionState } from '../../src/index.js';

interface Shape {
  count: number;
  name?: string;
  list: Date[];
  clear: boolean;
}

describe('SessionState', () => {
  const s = createSessionState<Shape>({ prefix: 'x:' });

  it('reads T or undefined by dot and get, T by require', () => {
    expectTypeOf(s.count).toEqualTypeOf<number | undefined>();
    expectTypeOf(s.get('count')).toEqualTypeOf<number | undefined>();
    expectTypeOf(s.get('count', 'none')).toEqualTypeOf<number | string>();
    expectTypeOf(s.require('list')).toEqualTypeOf<Date[]>();
    expectTypeOf(s.pop('count')).toEqualTypeOf<number>();
    expectTypeOf(s.setDefault('count', 1)).toEqualTypeOf<number>();
    expectTypeOf(s.setDefaults({ count: 1 })).toEqualTypeOf<{ count: number }>();
    expectTypeOf(s.toDict()).toEqualTypeOf<Partial<Shape>>();
  });

  it('checks keys and values', () => {
    s.count = 1;
    delete s.count;
    // @ts-expect-error a text is no number
    s.count = 'one';
    // @ts-expect-error not a key of the shape
    s.set('nope', 1);
    // @ts-expect-error a text is no list of Dates
    s.set('list', 'x');
    s.update({ count: 1, list: [] });
    // @ts-expect-error a text is no number
    s.update({ count: 'one' });
    // @ts-expect-error a method
    s.clear = true;
    expectTypeOf(s.clear).toBeFunction();
    expectTypeOf(s.get('clear')).toEqualTypeOf<boolean | undefined>();
  });

  it('types listeners and refs', () => {
    s.subscribe('count', (value, previous) => {
      expectTypeOf(value).toEqualTypeOf<number | undefined>();
      expectTypeOf(previous).toEqualTypeOf<number | undefined>();
    });
    s.subscribe((changes) => expectTypeOf(changes).toEqualTypeOf<Change[]>());
    expectTypeOf(s.ref('count')).toEqualTypeOf<Ref<number | undefined>>();
    expectTypeOf(s.ref('count', 1)).toEqualTypeOf<Ref<number>>();
    expectTypeOf(s.batch(() => 'x')).toEqualTypeOf<string>();
  });

  it('takes any key without a shape', () => {
    expectTypeOf(createSessionState()).toEqualTypeOf<SessionState>();
    expectTypeOf(sessionState.anything).toBeUnknown();
    sessionState.anything = { a: 1 };
    sessionState.count ??= 0;
    const cart = sessionState.ref('cart', new Map<string, { qty: number }>());
    expectTypeOf(cart).toEqualTypeOf<Ref<Map<string, { qty: number }>>>();
    cart.value.set('a', { qty: 1 });
    for (const [key, value] of sessionState) {
      expectTypeOf(key).toBeString();
      expectTypeOf(value).toBeUnknown();
    }
  });
});
