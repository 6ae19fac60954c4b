// Refs: what they show and whom they tell.
import { describe, expect, it, vi } from 'vitest';
import { createListeners } from '../../src/core/listeners.js';
import { createReadableRef, createRef } from '../../src/core/ref.js';

const setUp = (init?: number) => {
  let value = 1;
  const listeners = createListeners<[number, number]>(() => {});
  const report = vi.fn();
  const source = {
    get: () => value,
    listen: listeners.add,
    init,
    report,
    set(next: number) {
      const previous = value;
      value = next;
      listeners.notify(next, previous);
    },
  };
  return { source, report, listeners };
};

describe('createRef', () => {
  it('refuses a listener that is none at once', () => {
    const { source, listeners } = setUp();
    // as features do: their own function stands around it
    const ref = createRef({ ...source, listen: (listener) => source.listen((...now) => listener(...now)) });
    for (const listener of [undefined, null, 5, {}] as never[]) {
      expect(() => ref.listen(listener)).toThrow('The listener must be a function.');
      expect(() => ref.subscribe(listener)).toThrow(TypeError);
    }
    expect(listeners.has()).toBe(false);
  });

  it('reads, sets and updates, also unbound', () => {
    const { source } = setUp();
    const ref = createRef(source);
    const { get, set, update } = ref;
    set(2);
    update((value) => value * 10);
    expect([get(), ref.value]).toEqual([20, 20]);
    ref.value = 3;
    expect(ref.get()).toBe(3);
  });

  it('subscribe calls now and after changes, listen after changes only', () => {
    const { source, listeners } = setUp();
    const { subscribe, listen, set } = createRef(source);
    const subscribed = vi.fn();
    const listened = vi.fn();
    const ends = [subscribe(subscribed), listen(listened)];
    set(5);
    expect([subscribed.mock.calls, listened.mock.calls]).toEqual([[[1], [5]], [[5, 1]]]);
    for (const end of [...ends, ...ends]) end();
    expect(listeners.has()).toBe(false);
  });

  it('reports what a listener throws when subscribe calls it', () => {
    const { source, report } = setUp();
    const error = new Error('x');
    createReadableRef(source).subscribe(() => {
      throw error;
    });
    expect(report.mock.calls).toEqual([[error]]);
  });

  it('shows init as the source has it now', () => {
    const { source } = setUp();
    const ref = createRef(source);
    expect(ref.init).toBe(undefined);
    (source as { init?: number }).init = 7;
    expect(ref.init).toBe(7);
  });
});
