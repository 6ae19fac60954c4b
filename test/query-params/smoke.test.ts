import { expect, it, vi } from 'vitest';
import { createQueryParams, param } from '../../src/index.js';

it('smoke', async () => {
  history.replaceState(null, '', '?a=1&b=x#h');
  const q = createQueryParams();
  expect(q.a).toBe('1');
  const f = vi.fn();
  q.subscribe('a', f);
  q.a = 2;
  expect(q.a).toBe('2');
  expect(f.mock.calls).toEqual([['2', '1']]);
  await Promise.resolve();
  expect(location.search + location.hash).toBe('?a=2&b=x#h');
  const v = q.define({ page: 1, tags: [] as string[], open: false, sort: param.oneOf(['asc', 'desc']) });
  v.page += 1;
  v.tags = ['x', 'y'];
  expect(v.toDict()).toEqual({ page: 2, tags: ['x', 'y'], open: false, sort: undefined });
  q.flush();
  expect(location.search).toBe('?a=2&b=x&page=2&tags=x&tags=y');
  v.reset();
  q.flush();
  expect(q.href({ z: [1, 2] })).toBe(location.href.replace('#', '&z=1&z=2#'));
});
