// The types of the hooks.
import type { Accessor } from 'solid-js';
import { describe, expectTypeOf, it } from 'vitest';
import type { Ref as VueRef } from 'vue';
import {
  type CachedState,
  cacheData,
  cacheResource,
  context,
  param,
  queryParams,
  sessionState,
} from '../../src/index.js';
import * as react from '../../src/react/index.js';
import * as solid from '../../src/solid/index.js';
import * as vue from '../../src/vue/index.js';

const user = cacheData(async (id: string, deep = false) => ({ id, deep }));
const socket = cacheResource((url: string) => new WebSocket(url));
const list = sessionState.ref('list', [] as string[]);
const view = queryParams.define({ page: 1, sort: param.oneOf(['up', 'down']), tags: [] as string[] });
type User = { id: string; deep: boolean };

describe('hooks', () => {
  it('know what refs hold', () => {
    expectTypeOf(react.useValue(list)).toEqualTypeOf<string[]>();
    expectTypeOf(react.useValue(list, (items) => items.length)).toEqualTypeOf<number>();
    expectTypeOf(react.useValue(context.ref('timezone'))).toEqualTypeOf<string | null>();
    expectTypeOf(vue.useValue(list)).toEqualTypeOf<VueRef<string[]>>();
    expectTypeOf(solid.useValue(list)).toEqualTypeOf<Accessor<string[]>>();
    // @ts-expect-error what is only read cannot be written
    vue.useValue(context.ref('timezone')).value = 'UTC';
    // @ts-expect-error no ref
    react.useValue(5);
  });

  it('know what a key holds', () => {
    const [count, setCount] = react.useSessionState('count', 0);
    expectTypeOf(count).toEqualTypeOf<number>();
    setCount((before) => before + 1);
    // @ts-expect-error no number
    setCount('1');
  });

  it('know the values of a view', () => {
    const values = react.useParams(view);
    expectTypeOf(values.page).toEqualTypeOf<number>();
    expectTypeOf(values.sort).toEqualTypeOf<'up' | 'down' | undefined>();
    expectTypeOf(vue.useParams(view).value.tags).toEqualTypeOf<string[]>();
    expectTypeOf(solid.useParams(view)().tags).toEqualTypeOf<string[]>();
    // @ts-expect-error no view
    react.useParams(queryParams);
  });

  it('know arguments and results of cached functions', () => {
    expectTypeOf(react.useCached(user, '7')).toEqualTypeOf<CachedState<User>>();
    expectTypeOf(react.useSuspenseCached(user, '7', true)).toEqualTypeOf<User>();
    expectTypeOf(react.useCached(socket, '/').value).toEqualTypeOf<WebSocket | undefined>();
    expectTypeOf(vue.useCached(user, () => '7').value.value).toEqualTypeOf<User | undefined>();
    expectTypeOf(solid.useCached(user, '7')().status).toEqualTypeOf<'pending' | 'success' | 'error'>();
    // @ts-expect-error no such argument
    react.useCached(user, 7);
    // @ts-expect-error no cached function
    react.useSuspenseCached(async (id: string) => id, '7');
  });
});
