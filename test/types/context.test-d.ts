// The types of context and cookies.
import { describe, expectTypeOf, it } from 'vitest';
import { context, createContext, type ReadableRef, type ReadonlyDict, setCookie, type Theme } from '../../src/index.js';

describe('context', () => {
  it('has the types of its facts', () => {
    expectTypeOf(context.locale).toEqualTypeOf<string | null>();
    expectTypeOf(context.cookies['a']).toEqualTypeOf<string | undefined>();
    expectTypeOf(context.cookies.get('a', 1)).toEqualTypeOf<string | number>();
    expectTypeOf(context.cookies.get('a')).toEqualTypeOf<string | undefined>();
    expectTypeOf(context.headers.getAll('a')).toEqualTypeOf<string[]>();
    expectTypeOf(context.ref('theme')).toEqualTypeOf<ReadableRef<Theme>>();
    context.subscribe('cookies', (now, before) => {
      expectTypeOf(now).toEqualTypeOf<ReadonlyDict>();
      expectTypeOf(before).toEqualTypeOf<ReadonlyDict>();
    });
    // @ts-expect-error: no such fact
    context.subscribe('nope', () => {});
    // @ts-expect-error: read-only
    context.locale = 'x';
    // @ts-expect-error: read-only
    context.cookies['a'] = 'x';
    // @ts-expect-error: a cookie is text
    setCookie('a', undefined);
    // @ts-expect-error: days or a Date
    setCookie('a', 'b', { expires: 'tomorrow' });
    // @ts-expect-error: scripts cannot
    setCookie('a', 'b', { httpOnly: true });
    setCookie('a', 'b', { httpOnly: false, priority: 'High', 'max-age': 60 });
  });

  it('is created from what a page may not have', () => {
    createContext({ document: () => document.querySelector('iframe')?.contentDocument });
    createContext({ ipAddress: () => document.body.dataset['visitor'] });
    // @ts-expect-error: an element
    createContext({ document: () => document.body });
  });
});
