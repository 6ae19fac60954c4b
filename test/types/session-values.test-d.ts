// Keys of sessionState that a project declares.
import { describe, expectTypeOf, it } from 'vitest';
import { createSessionState, type Ref, type SessionState, type SessionValues, sessionState } from '../../src/index.js';

declare module '../../src/index.js' {
  interface SessionValues {
    clicks: number;
    names: string[];
  }
}

describe('SessionValues', () => {
  it('types the keys of sessionState that are declared in it', () => {
    expectTypeOf(sessionState).toEqualTypeOf<SessionState<SessionValues & Record<string, unknown>>>();
    sessionState.clicks ??= 0;
    sessionState.clicks += 1;
    sessionState.names ??= [];
    sessionState.names.push('a');
    expectTypeOf(sessionState.get('clicks')).toEqualTypeOf<number | undefined>();
    expectTypeOf(sessionState.require('names')).toEqualTypeOf<string[]>();
    expectTypeOf(sessionState.ref('clicks')).toEqualTypeOf<Ref<number | undefined>>();
    expectTypeOf(sessionState.ref('clicks', 0)).toEqualTypeOf<Ref<number>>();
    sessionState.subscribe('clicks', (value) => expectTypeOf(value).toEqualTypeOf<number | undefined>());
    // @ts-expect-error a text is no number
    sessionState.clicks = 'one';
    // @ts-expect-error a text is no number
    sessionState.set('clicks', 'one');
  });

  it('leaves other keys open', () => {
    expectTypeOf(sessionState.other).toBeUnknown();
    sessionState.other = 5;
    expectTypeOf(createSessionState().clicks).toBeUnknown();
    expectTypeOf(createSessionState<{ n: bigint }>({ schemas: {}, version: 1 }).n).toEqualTypeOf<bigint | undefined>();
    // @ts-expect-error not a key of this state
    createSessionState<{ n: bigint }>({ schemas: { m: undefined } });
  });
});
