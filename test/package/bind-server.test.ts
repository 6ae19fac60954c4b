// bind without a document.
import { expect, it, vi } from 'vitest';
import { bind, createQueryParams, createSessionState } from '../../src/index.js';

// Plain Node: there is no document.
it('bind does nothing on a server', () => {
  const onWarning = vi.fn();
  const state = createSessionState<Record<string, unknown>>({ onWarning });
  const query = createQueryParams({ onWarning });
  const page = state.ref('page', 1);
  const ends = [
    bind(state, '#a'),
    bind(state, [], 'k'),
    bind(query, '#a'),
    bind(query, page, { key: 'page', default: 1 }),
  ];
  page.set(2);
  query.set('page', 3);
  expect(page.get()).toBe(2);
  for (const end of ends) end();
  expect(state.has('k')).toBe(false);
  expect(onWarning.mock.calls.every(([{ code }]) => code === 'no-document')).toBe(true);
});
