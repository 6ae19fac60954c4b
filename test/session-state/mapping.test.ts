import { describe, expect, it, vi } from 'vitest';
import { createSessionState, KeyError, type SessionState, type Warning } from '../../src/index.js';

const tick = () => Promise.resolve();
let count = 0;
/** A fresh state; `again()` is what a reload finds. */
function fresh(options: { strict?: boolean } = {}) {
  const prefix = `m${count++}:`;
  const warnings: Warning[] = [];
  const make = (): SessionState =>
    createSessionState({ prefix, ...options, onWarning: (warning) => warnings.push(warning) });
  const s = make();
  return {
    s,
    warnings,
    text: (key: string) => sessionStorage.getItem(prefix + key),
    /** What a page after this one finds: the text only. */
    again(): SessionState {
      s.flush();
      return make();
    },
  };
}

describe('sessionState, mapping', () => {
  it('[SES-1] has attribute, bracket and method notation, and stores in the tick', async () => {
    const { s, text } = fresh();
    s.count = 1;
    expect([s.count, s['count'], s.get('count')]).toEqual([1, 1, 1]);
    await tick();
    expect(text('count')).toBe('{"json":1}');
  });

  it('[SES-2] reads a missing key as undefined or the fallback, without inserting it', () => {
    const { s } = fresh();
    expect([s.nope, s.get('nope'), s.get('nope', 7), s.get('nope', null)]).toEqual([undefined, undefined, 7, null]);
    expect('nope' in s).toBe(false);
  });
});
