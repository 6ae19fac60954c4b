// Lists of listeners.
import { describe, expect, it, vi } from 'vitest';
import { createListeners } from '../../src/core/listeners.js';

describe('createListeners', () => {
  it('calls in order, each registration by itself, and reports errors', () => {
    const report = vi.fn();
    const { add, notify } = createListeners<[number]>(report);
    const calls: string[] = [];
    const same = (n: number): void => void calls.push(`same ${n}`);
    add(same);
    const end = add(same);
    const error = new Error('x');
    add(() => {
      throw error;
    });
    add((n) => calls.push(`last ${n}`));
    notify(1);
    expect([calls, report.mock.calls]).toEqual([['same 1', 'same 1', 'last 1'], [[error]]]);
    end();
    end();
    calls.length = 0;
    notify(2);
    expect(calls).toEqual(['same 2', 'last 2']);
  });

  it('does not call one that was added, or removed, during the call', () => {
    const { add, notify } = createListeners<[]>(() => {});
    const late = vi.fn();
    const removed = vi.fn();
    add(() => {
      add(late);
      end();
    });
    const end = add(removed);
    notify();
    expect([late.mock.calls.length, removed.mock.calls.length]).toEqual([0, 0]);
    notify();
    expect(late).toHaveBeenCalledTimes(1);
  });

  it('tells of the first and the last one', () => {
    const last = vi.fn();
    const first = vi.fn(() => last);
    const listeners = createListeners<[]>(() => {}, first);
    const ends = [listeners.add(() => {}), listeners.add(() => {})];
    expect([first.mock.calls.length, listeners.has()]).toEqual([1, true]);
    for (const end of [...ends, ...ends]) end();
    expect([last.mock.calls.length, listeners.has()]).toEqual([1, false]);
    listeners.add(() => {});
    expect(first).toHaveBeenCalledTimes(2);
  });

  it('keeps the keys apart, and is left when nobody listens to any', () => {
    const last = vi.fn();
    const first = vi.fn(() => last);
    const { add, has, take } = createListeners<[number]>(() => {}, first);
    const calls: string[] = [];
    const ends = ['a', undefined].map((key) => add((n) => calls.push(`${key} ${n}`), key));
    expect([first.mock.calls.length, has('a'), has(), has('b')]).toEqual([1, true, true, false]);
    const later = take('a');
    add(() => calls.push('late'), 'a')();
    take('b')(1);
    take()(2);
    later(3);
    expect(calls).toEqual(['undefined 2', 'a 3']);
    ends[0]?.();
    later(4);
    expect([calls.length, last.mock.calls.length, has('a')]).toEqual([2, 0, false]);
    ends[1]?.();
    ends[0]?.();
    expect(last).toHaveBeenCalledOnce();
  });
});
