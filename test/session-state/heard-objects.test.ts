// Objects whose keys somebody listens to.
import { expect, it } from 'vitest';
import { createSessionState } from '../../src/index.js';

it('stores an object that is set while somebody listens to its key', async () => {
  sessionStorage.clear();
  const state = createSessionState<{ list: string[] }>();
  state.subscribe('list', () => {});
  state.list = ['a'];
  state.list = ['b'];
  await Promise.resolve();
  expect(sessionStorage.getItem('tabstate:list')).toBe('{"json":["b"]}');
});
