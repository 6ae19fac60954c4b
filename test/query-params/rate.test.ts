// The budget of history calls.
import { expect, it } from 'vitest';
import { createTokenBucket } from '../../src/query-params/rate.js';

it('holds 40 tokens and gets 2 per second', () => {
  const bucket = createTokenBucket();
  for (let i = 0; i < 40; i++) expect(bucket.take(0)).toBe(true);
  expect(bucket.take(0)).toBe(false);
  expect(bucket.wait(0)).toBe(500);
  expect(bucket.wait(200)).toBe(300);
  expect(bucket.take(499)).toBe(false);
  expect(bucket.take(500)).toBe(true);
  expect(bucket.take(501)).toBe(false);
  for (let i = 0; i < 40; i++) expect(bucket.take(100_000)).toBe(true);
  expect(bucket.take(100_000)).toBe(false);
});

it('tells how many calls would go out at once', () => {
  const bucket = createTokenBucket();
  expect(bucket.left(0)).toBe(40);
  for (let i = 0; i < 50; i++) bucket.take(0, true);
  expect(bucket.left(0)).toBe(0);
  expect(bucket.left(6000)).toBe(2);
});

it('lets through what cannot wait, to a balance of -20', () => {
  const bucket = createTokenBucket();
  for (let i = 0; i < 100; i++) bucket.take(0, true);
  expect(bucket.wait(0)).toBe(10_500);
  expect(bucket.take(10_499)).toBe(false);
  expect(bucket.take(10_500)).toBe(true);
});

it('is emptied by a refusal, and debts stay', () => {
  const bucket = createTokenBucket();
  bucket.empty(0);
  expect(bucket.wait(0)).toBe(500);
  bucket.take(0, true);
  bucket.empty(0);
  expect(bucket.wait(0)).toBe(1000);
});

it('counts a clock that goes back as stopped', () => {
  const bucket = createTokenBucket();
  bucket.empty(10_000);
  expect(bucket.take(0)).toBe(false);
  expect(bucket.take(500)).toBe(true);
});
