// queryParams without a document.
import { expect, it, vi } from 'vitest';
import { createAddress } from '../../src/browser/address.js';
import { systemClock } from '../../src/browser/clock.js';
import { param } from '../../src/index.js';
import { createQueryParamsOver } from '../../src/query-params/query-params.js';
import { createTokenBucket } from '../../src/query-params/rate.js';
import { createWriter } from '../../src/query-params/writer.js';

it('[QRY-92] on a server nothing leaks from one request into another', () => {
  // in Node there is no document; in the engines it is only not looked at
  const real = createAddress();
  const address = typeof document === 'undefined' ? real : { ...real, href: () => '' };
  const onWarning = vi.fn();
  const writer = createWriter({ address, clock: systemClock, bucket: createTokenBucket() });
  const q = createQueryParamsOver(writer, { onWarning });
  expect(q.a).toBeUndefined();
  q.a = 1;
  q.update({ b: 2 });
  const stop = q.subscribe('a', () => {});
  expect(q.href({ a: 1 })).toBe('?a=1');
  expect(q.a).toBeUndefined();
  expect(q.toDict()).toEqual({});
  const view = q.define({ page: 1, tags: ['x'], sort: param.oneOf(['asc', 'desc']) });
  view.page = 2;
  expect(view.toDict()).toEqual({ page: 1, tags: ['x'], sort: undefined });
  expect(view.href({ page: 3 })).toBe('?page=3');
  expect(view.ref('page').init).toBe(1);
  stop();
  q.flush();
  expect(onWarning.mock.calls.map(([{ code }]) => code)).toEqual(['no-document']);
});
