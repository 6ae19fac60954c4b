// Many waits over one timer.
import { describe, expect, it } from 'vitest';
import { createDeadlines } from '../../src/browser/indexed-db.js';

/** A page's clock: `free(ms)` runs timers in time, `busy(ms)` not before it is over. */
function createPage() {
  let time = 5000;
  const timers: { at: number; run: () => void }[] = [];
  const runDue = (end: number): void => {
    for (;;) {
      const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) return;
      time = Math.max(time, next.at);
      timers.splice(timers.indexOf(next), 1);
      next.run();
    }
  };
  return {
    clock: {
      monotonic: () => time,
      after(ms: number, run: () => void) {
        timers.push({ at: time + ms, run });
        return () => {};
      },
    },
    free(ms: number) {
      const end = time + ms;
      runDue(end);
      time = end;
    },
    busy(ms: number) {
      time += ms;
      runDue(time);
    },
    timers,
  };
}

describe('createDeadlines', () => {
  it('ends each wait at its time', () => {
    const page = createPage();
    const deadline = createDeadlines(page.clock);
    const ended: string[] = [];
    deadline(2000, () => ended.push('first'));
    page.free(700);
    deadline(2000, () => ended.push('second'));
    deadline(10_000, () => ended.push('write'));
    page.free(1299);
    expect(ended).toEqual([]);
    page.free(1);
    expect(ended).toEqual(['first']);
    page.free(699);
    expect(ended).toEqual(['first']);
    page.free(1);
    expect(ended).toEqual(['first', 'second']);
    page.free(8000);
    expect(ended).toEqual(['first', 'second', 'write']);
  });

  it('does not end a wait that is over, and rests when none is left', () => {
    const page = createPage();
    const deadline = createDeadlines(page.clock);
    const ended: number[] = [];
    const ends = [1, 2, 3].map((n) => deadline(2000, () => ended.push(n)));
    page.free(1000);
    for (const end of ends) end();
    page.free(5000);
    expect(ended).toEqual([]);
    expect(page.timers).toEqual([]);
    // the time in between does not count for the next one
    deadline(2000, () => ended.push(4));
    page.free(1999);
    expect(ended).toEqual([]);
    page.free(1);
    expect(ended).toEqual([4]);
  });

  it('counts little of the time in which the page could hear nothing', () => {
    const page = createPage();
    const deadline = createDeadlines(page.clock);
    const ended: number[] = [];
    deadline(2000, () => ended.push(1));
    page.busy(60_000);
    page.busy(5000);
    expect(ended).toEqual([]);
    page.free(1400);
    expect(ended).toEqual([]);
    page.free(600);
    expect(ended).toEqual([1]);
  });

  it('lets a wait begin while others are under way', () => {
    const page = createPage();
    const deadline = createDeadlines(page.clock);
    const ended: number[] = [];
    deadline(2000, () => {
      ended.push(1);
      deadline(2000, () => ended.push(2));
    });
    page.free(3999);
    expect(ended).toEqual([1]);
    page.free(1);
    expect(ended).toEqual([1, 2]);
  });
});
