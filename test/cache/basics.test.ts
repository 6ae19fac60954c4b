import { describe, expect, it } from 'vitest';
import { createCache } from '../../src/cache/create-cache.js';

const fresh = () => {
  const warnings: string[] = [];
  return { warnings, ...createCache({ onWarning: ({ code }) => warnings.push(code) }) };
};

describe('cacheData', () => {
  it('[CAC-1] runs once for equal calls', async () => {
    const { cacheData } = fresh();
    let runs = 0;
    const f = cacheData(function answer() {
      runs++;
      return 42;
    });
    expect([await f(), await f()]).toEqual([42, 42]);
    expect(runs).toBe(1);
  });
  it('[CAC-1] resource', async () => {
    const { cacheResource } = fresh();
    let runs = 0;
    const f = cacheResource(function answer() {
      runs++;
      return { a: 42 };
    });
    expect(f()).toBe(f());
    expect(runs).toBe(1);
  });
});
