import queryString from 'query-string';
import { expect, it, vi } from 'vitest';
import { fakePage } from '../helpers/fake-address.js';

// the only way to see whether the dependency is called
vi.mock('query-string', { spy: true });

it('[QRY-17] 1,000 reads parse once, and again only what is new', () => {
  const parse = vi.mocked(queryString.parse);
  const { q, address } = fakePage('?a=1');
  expect(q.a).toBe('1');
  expect(parse).toHaveBeenCalledTimes(1);
  for (let i = 0; i < 1000; i++) q.get('a');
  expect(q.a).toBe('1');
  expect(parse).toHaveBeenCalledTimes(1);
  address.goto('?a=1&b=2');
  expect(q.b).toBe('2');
  expect(parse).toHaveBeenCalledTimes(2);
});
