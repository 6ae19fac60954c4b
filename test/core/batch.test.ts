// Who is told of changes, in which order and how often.
import { describe, expect, it, vi } from 'vitest';
import { absent, createDelivery } from '../../src/core/batch.js';

const setUp = () => {
  const report = vi.fn();
  const onLoop = vi.fn();
  const tasks: (() => void)[] = [];
  const delivery = createDelivery<number>({ report, onLoop, later: (run) => tasks.push(run) });
  return { ...delivery, report, onLoop, tasks };
};

describe('createDelivery', () => {
  it('delivers at once, per key, then everything', () => {
    const { subscribe, changed, isHeard } = setUp();
    const heard = vi.fn();
    expect(isHeard('a')).toBe(false);
    const end = subscribe('a', (value, previous) => heard('a', value, previous));
    subscribe((changes) => heard(changes));
    expect([isHeard('a'), isHeard('b')]).toEqual([true, true]);
    changed('a', 1, undefined);
    changed('b', 2, 1);
    expect(heard.mock.calls).toEqual([
      ['a', 1, undefined],
      [[{ key: 'a', value: 1, previous: undefined }]],
      [[{ key: 'b', value: 2, previous: 1 }]],
    ]);
    end();
  });

  it('joins the changes of a batch and leaves out what is back', () => {
    const { subscribe, changed, batch } = setUp();
    const heard = vi.fn();
    subscribe((changes) => heard(changes));
    const result = batch(() => {
      changed('a', 1, 0);
      batch(() => changed('a', 2, 1));
      changed('b', 5, 4);
      changed('b', 4, 5);
      return 'result';
    });
    expect([result, heard.mock.calls]).toEqual(['result', [[[{ key: 'a', value: 2, previous: 0 }]]]]);
  });

  it('tells nothing of a batch that ends where it began', () => {
    const { subscribe, changed, batch } = setUp();
    const heard = vi.fn();
    subscribe(heard);
    subscribe('a', heard);
    batch(() => {
      changed('a', 1, 0);
      changed('a', 0, 1);
    });
    expect(heard).not.toHaveBeenCalled();
  });

  it('tells of a key that is missing, which refs hear as it was recorded', () => {
    const { subscribe, listen, changed } = setUp();
    const heard = vi.fn();
    const recorded = vi.fn();
    subscribe('a', heard);
    subscribe(heard);
    const end = listen('a', recorded);
    changed('a', absent, 1, 'shown');
    expect(heard.mock.calls).toEqual([[undefined, 1], [[{ key: 'a', value: undefined, previous: 1 }]]]);
    expect(recorded.mock.calls).toEqual([[{ value: absent, previous: 1, shown: 'shown' }]]);
    end();
    changed('a', 2, absent);
    expect(heard).toHaveBeenLastCalledWith([{ key: 'a', value: 2, previous: undefined }]);
    expect(recorded).toHaveBeenCalledTimes(1);
  });

  it('tells who subscribes in a batch of what was changed before, and nobody of what nobody heard', () => {
    const { subscribe, changed, batch } = setUp();
    const heard = vi.fn();
    changed('a', 1, 0);
    batch(() => {
      changed('a', 2, 1);
      subscribe('a', heard);
    });
    expect(heard.mock.calls).toEqual([[2, 1]]);
  });

  it('stops listeners that change each other for ever, until the next task', () => {
    const { subscribe, changed, onLoop, tasks } = setUp();
    let n = 0;
    subscribe('a', () => changed('b', ++n, n - 1));
    subscribe('b', () => changed('a', ++n, n - 1));
    changed('a', 0, -1);
    expect(onLoop.mock.calls).toEqual([[['a']]]);
    const stopped = n;
    changed('a', 7, 6);
    expect(n).toBe(stopped);
    for (const task of tasks.splice(0)) task();
    changed('a', 8, 7);
    expect(n).toBeGreaterThan(stopped);
  });

  it('attaches with the first listener and detaches with the last', () => {
    const detach = vi.fn();
    const onFirst = vi.fn(() => detach);
    const { subscribe } = createDelivery<number>({ report: () => {}, onLoop: () => {}, later: () => {}, onFirst });
    const ends = [subscribe('a', () => {}), subscribe('a', () => {}), subscribe(() => {})];
    expect([onFirst.mock.calls.length, detach.mock.calls.length]).toEqual([1, 0]);
    for (const end of [...ends, ...ends]) end();
    expect(detach).toHaveBeenCalledTimes(1);
  });
});
