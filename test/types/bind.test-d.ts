// The types of bind.
import { expectTypeOf, it } from 'vitest';
import {
  type BindOptions,
  bind,
  createQueryParams,
  createSessionState,
  param,
  queryParams,
  sessionState,
} from '../../src/index.js';

it('bind takes states, targets and options', () => {
  const typed = createSessionState<{ page: number; name: string }>();
  const end = bind(sessionState, document);
  expectTypeOf(end).toEqualTypeOf<() => void>();
  bind(typed, 'form', {
    key: 'name',
    onChange: (value, previous, event) => [value, previous, event.target],
    args: [1],
  });
  bind(typed, document.querySelectorAll('input'), 'name');
  bind(queryParams, '[name=year]', { history: 'push', removeOnUnbind: true });
  bind(createQueryParams(), typed.ref('page', 1), { key: 'page', default: 1 });
  bind(queryParams, '[name=d]', { codec: param.date, default: new Date(0) });
  bind(queryParams, sessionState.ref('page', 1), 'page');
  const either: typeof sessionState | typeof queryParams = sessionState;
  const options: BindOptions = { on: 'change', batch: true, persist: false, parse: Number, format: String };
  bind(either, document.body.attachShadow({ mode: 'open' }), options);
});

it('bind refuses others', () => {
  // @ts-expect-error no state
  bind({ name: 'x' }, document);
  // @ts-expect-error no target
  bind(sessionState);
  // @ts-expect-error no target
  bind(sessionState, 5);
  // @ts-expect-error neither of the two
  bind(sessionState, document, { on: 'blur' });
  // @ts-expect-error no method
  queryParams.bind(document);
});
