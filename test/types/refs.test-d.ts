// Refs as the stores of other libraries.
import { useStore as usePreactStore } from '@nanostores/preact';
import { useStore } from '@nanostores/react';
import { useStore as useSolidStore } from '@nanostores/solid';
import { useStore as useVueStore } from '@nanostores/vue';
import { atom } from 'nanostores';
import { describe, expectTypeOf, it } from 'vitest';
import { cacheData, computed, context, param, queryParams, type ReadableRef, sessionState } from '../../src/index.js';

interface Todo {
  done: boolean;
}
const todos = sessionState.ref('todos', [] as Todo[]);
const any = sessionState.ref('any');
const page = queryParams.ref('page', param.integer.withDefault(1));
const text = queryParams.ref('text');
const theme = context.ref('theme');
const user = cacheData(async (id: string) => ({ id })).ref('7');
const total = computed([todos, page], (list, number) => list.length + number);

describe('refs', () => {
  it('are stores for useStore of every binding of nanostores, as they are', () => {
    expectTypeOf(useStore(todos)).toEqualTypeOf<Todo[]>();
    expectTypeOf(useStore(todos, { ssr: 'initial' })).toEqualTypeOf<Todo[]>();
    expectTypeOf(useStore(any)).toBeUnknown();
    expectTypeOf(useStore(page)).toEqualTypeOf<number>();
    expectTypeOf(useStore(text)).toEqualTypeOf<string | undefined>();
    expectTypeOf(useStore(theme).type).toEqualTypeOf<'light' | 'dark' | null>();
    expectTypeOf(useStore(user).value).toEqualTypeOf<{ id: string } | undefined>();
    expectTypeOf(useStore(total)).toEqualTypeOf<number>();
    expectTypeOf(usePreactStore(todos)).toEqualTypeOf<Todo[]>();
    expectTypeOf(useVueStore(total).value).toEqualTypeOf<number>();
    expectTypeOf(useVueStore(todos).value[0]?.done).toEqualTypeOf<boolean | undefined>();
    expectTypeOf(useSolidStore(total)()).toEqualTypeOf<number>();
    expectTypeOf(useSolidStore(todos)()).toEqualTypeOf<Todo[]>();
  });

  it('offer nothing of a store that they do not have', () => {
    // @ts-expect-error
    todos.off();
    // @ts-expect-error
    todos.notify();
  });

  it('computed infers its arguments and its result', () => {
    expectTypeOf(total).toEqualTypeOf<ReadableRef<number>>();
    expectTypeOf(computed(page, (number) => `${number}`)).toEqualTypeOf<ReadableRef<string>>();
    expectTypeOf(computed([atom('a'), theme], (a, { type }) => [a, type] as const).get()).toEqualTypeOf<
      readonly [string, 'light' | 'dark' | null]
    >();
    expectTypeOf(computed(computed(page, Boolean), (isPage) => !isPage)).toEqualTypeOf<ReadableRef<boolean>>();
    const sources = [page, text] as const;
    expectTypeOf(computed(sources, (number, words) => [number, words] as const).get()).toEqualTypeOf<
      readonly [number, string | undefined]
    >();
    expectTypeOf(computed([page, page].slice(), (...numbers) => numbers.length)).toEqualTypeOf<ReadableRef<number>>();
    // @ts-expect-error a number is no text
    computed(page, (number: string) => number);
    // @ts-expect-error not a ref
    computed(5, (number) => number);
    // @ts-expect-error read only
    total.value = 5;
  });
});
