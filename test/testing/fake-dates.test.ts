// Dates that are made while the clock is faked: their class is the fake's own.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { cacheData, cacheResource, queryParams, sessionState } from '../../src/index.js';
import { reset } from '../../src/testing/index.js';

const at = Date.UTC(2026, 0, 2, 3);

beforeEach(async () => {
  await reset();
  vi.useFakeTimers({ now: at, toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('are results and arguments of cached functions', async () => {
  const fn = vi.fn(async (day: Date) => ({ day, list: [new Date()] }));
  const f = cacheData(fn, { persist: false });
  const first = await f(new Date());
  expect(first.list[0]?.getTime()).toBe(at);
  expect((await f(new Date(at))).day.getTime()).toBe(at);
  expect(fn).toHaveBeenCalledTimes(1);
  await f(new Date(at + 1));
  expect(fn).toHaveBeenCalledTimes(2);
  await f.prime({ day: new Date(7), list: [] }, new Date(7));
  expect((await f(new Date(7))).day.getTime()).toBe(7);
  const resource = cacheResource((_day: Date) => ({}));
  expect(resource(new Date())).toBe(resource(new Date(at)));
});

it('are found by calls after the clock is real again', async () => {
  const fn = vi.fn(async (day: Date) => day);
  const f = cacheData(fn, { persist: false });
  const day = new Date();
  await f(day);
  vi.useRealTimers();
  await f(new Date(at));
  await f(day);
  expect(fn).toHaveBeenCalledTimes(1);
});

it('are stored by sessionState', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  sessionState['day'] = new Date();
  sessionState['days'] = [new Map([['a', new Date()]])];
  sessionState.flush();
  expect(warn).not.toHaveBeenCalled();
  expect(sessionStorage.getItem('tabstate:day')).toContain('2026-01-02T03:00:00.000Z');
  warn.mockRestore();
});

it('are values and defaults of parameters', () => {
  queryParams['at'] = new Date();
  expect(queryParams['at']).toBe('2026-01-02T03:00:00.000Z');
  const view = queryParams.define({ since: new Date() });
  expect(view.since.getTime()).toBe(at);
  view.since = new Date(0);
  expect(queryParams['since']).toBe('1970-01-01');
});
