// How often the query is parsed.
import { expect, it, vi } from 'vitest';
import { fakePage } from '../helpers/fake-address.js';

it('[QRY-17] 1,000 reads parse once, and again only what is new', () => {
  // each value here needs it once
  const decode = vi.spyOn(globalThis, 'decodeURIComponent');
  const { q, address } = fakePage('?a=%31');
  expect(q.a).toBe('1');
  expect(decode).toHaveBeenCalledTimes(1);
  for (let i = 0; i < 1000; i++) q.get('a');
  expect(q.a).toBe('1');
  expect(decode).toHaveBeenCalledTimes(1);
  address.goto('?a=%31&b=%32');
  expect(q.b).toBe('2');
  expect(decode).toHaveBeenCalledTimes(2);
  decode.mockRestore();
});
