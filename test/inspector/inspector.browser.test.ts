// <tabstate-inspector>: what it shows and does.
import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bind, cacheData, cacheResource, context, queryParams, sessionState, setCookie } from '../../src/index.js';
import { defineInspector } from '../../src/inspector/index.js';

let inspector: HTMLElement;
const root = (): ShadowRoot => inspector.shadowRoot as ShadowRoot;
const text = (): string => root().textContent ?? '';
const press = (label: string): void =>
  (root().querySelector(`[aria-label=${JSON.stringify(label)}]`) as HTMLButtonElement).click();
const tab = (title: string): void =>
  ([...root().querySelectorAll('[role=tab]')].find((each) => each.textContent === title) as HTMLButtonElement).click();

beforeEach(() => {
  defineInspector();
  inspector = document.body.appendChild(document.createElement('tabstate-inspector'));
});
afterEach(async () => {
  inspector.remove();
  sessionState.clear();
  queryParams.clear();
  await cacheData.clear();
});

describe('<tabstate-inspector>', () => {
  it('opens and closes with its button and with Alt+Shift+T', () => {
    expect(root().querySelector('section')).toBeNull();
    press('Inspect: open the tabstate inspector');
    expect(root().querySelector('section')).not.toBeNull();
    document.dispatchEvent(new KeyboardEvent('keydown', { altKey: true, shiftKey: true, code: 'KeyT' }));
    expect(root().querySelector('section')).toBeNull();
  });

  it('shows keys, types and sizes of the session, follows changes, edits and deletes', async () => {
    sessionState.count = 41;
    sessionState.map = new Map([['a', 1]]);
    sessionState.flush();
    press('Inspect: open the tabstate inspector');
    expect(text()).toContain('2 keys');
    expect(text()).toContain('Map(1)');
    press('Edit count');
    const area = root().querySelector('textarea') as HTMLTextAreaElement;
    expect(area.value).toBe('41');
    area.value = '{"broken"';
    press('Save count');
    expect(root().querySelector('[role=alert]')?.textContent).toContain('not JSON');
    expect(sessionState.count).toBe(41);
    area.value = '42';
    press('Save count');
    expect(sessionState.count).toBe(42);
    sessionState.later = 'x';
    await vi.waitFor(() => expect(text()).toContain('later'));
    press('Delete map');
    expect('map' in sessionState).toBe(false);
  });

  it.each<[string, () => unknown]>([
    ['a big integer', () => ({ at: 1n })],
    ['a cycle', () => []],
    ['undefined', () => undefined],
  ])('edits %s, which is no JSON', (_, make) => {
    const value = make() as unknown[];
    if (Array.isArray(value)) value.push(value);
    sessionState.set('odd', value);
    press('Inspect: open the tabstate inspector');
    press('Edit odd');
    const area = root().querySelector('textarea') as HTMLTextAreaElement;
    expect(area.value).toBe('');
    area.value = '[1]';
    press('Save odd');
    expect(sessionState.odd).toEqual([1]);
  });

  it('covers passwords and cookies until they are revealed', async () => {
    const field = Object.assign(document.createElement('input'), { type: 'password', value: 'hunter2' });
    field.dataset.key = 'secret';
    document.body.append(field);
    const off = bind(sessionState, field);
    setCookie('plan', 'golden');
    sessionState.flush();
    press('Inspect: open the tabstate inspector');
    expect(text()).toContain('secret');
    expect(text()).not.toContain('hunter2');
    press('Reveal the value of secret');
    expect(text()).toContain('hunter2');
    tab('Context');
    expect(text()).toContain('plan');
    expect(text()).not.toContain('golden');
    press('Reveal the value of plan');
    expect(text()).toContain('golden');
    expect(text()).toContain(context.timezone ?? '');
    off();
    field.remove();
  });

  it('shows parameters and removes one', async () => {
    queryParams.set('tags', ['a', 'b']);
    queryParams.flush();
    press('Inspect: open the tabstate inspector');
    tab('URL');
    expect(text()).toContain('a · b');
    const left = (): number => Number(/(\d+) writes may go out at once/.exec(text())?.[1]);
    const before = left();
    expect(before).toBeLessThanOrEqual(40);
    for (let n = 0; n < 5; n++) {
      queryParams.n = n;
      queryParams.flush();
    }
    await vi.waitFor(() => expect(left()).toBeLessThan(before));
    press('Delete tags');
    expect(queryParams.has('tags')).toBe(false);
    await vi.waitFor(() => expect(text()).not.toContain('a · b'));
  });

  it('shows functions with entries, hits and misses, and clears one entry', async () => {
    const square = cacheData(async (n: number) => n * n, { name: 'square', ttl: 60 });
    const live = cacheResource((url: string) => ({ url }), { name: 'live' });
    await square(3);
    await square(3);
    await square(4);
    await square.info();
    live('x');
    press('Inspect: open the tabstate inspector');
    tab('Cache');
    await vi.waitFor(() => expect(text()).toContain('square'));
    expect(text()).toContain('live');
    const memory = root().querySelector('[aria-label="Memory used"]') as HTMLMeterElement;
    expect(memory.value).toBeGreaterThan(0);
    expect(text()).toContain(`of ${memory.max / 1e6}.0 MB`);
    press('Show the entries of square');
    await vi.waitFor(() => expect(text()).toContain('Entries of square'));
    expect(text()).toContain('memory');
    press('Clear square(3)');
    await vi.waitFor(async () => expect((await square.info()).entries).toBe(1));
    live.clear();
  });

  it('runs an entry again with the arguments of its call, also of a method and of a resource', async () => {
    let runs = 0;
    const released: number[] = [];
    const load = cacheData(async ({ id }: { id: number }) => ({ id, run: ++runs }), {
      name: 'load',
      key: ({ id }) => id,
    });
    const open = cacheResource((url: string) => ({ url, run: ++runs }), {
      name: 'open',
      onRelease: ({ run }) => released.push(run),
    });
    await load({ id: 7 });
    open('x');
    press('Inspect: open the tabstate inspector');
    tab('Cache');
    for (const name of ['load', 'open']) {
      await vi.waitFor(() => press(`Show the entries of ${name}`));
      await vi.waitFor(() => expect(text()).toContain(`Entries of ${name}`));
      press(`Refresh ${name}(${name === 'load' ? 'key:7' : '"x"'})`);
    }
    await vi.waitFor(() => expect(runs).toBe(4));
    expect(await load({ id: 7 })).toEqual({ id: 7, run: 3 });
    expect(open('x').run).toBe(4);
    expect(released).toEqual([2]);
    press('Clear open("x")');
    expect(released).toEqual([2, 4]);
  });

  it('does not offer to run what nobody has called on this page', async () => {
    const primed = cacheData(async (n: number) => n, { name: 'primed' });
    await primed.prime(2, 1);
    press('Inspect: open the tabstate inspector');
    tab('Cache');
    await vi.waitFor(() => press('Show the entries of primed'));
    await vi.waitFor(() => expect(text()).toContain('Entries of primed'));
    const refresh = (): HTMLButtonElement =>
      root().querySelector('[aria-label="Refresh primed(1)"]') as HTMLButtonElement;
    await vi.waitFor(() => expect(refresh().disabled).toBe(true));
    expect(refresh().title).toContain('Not called');
  });

  it('shows what codecs read, also of parameters that have their default', async () => {
    queryParams.define({ page: 1, tags: [] as string[], since: new Date('2026-01-31') }, { names: { since: 'from' } });
    queryParams.update({ page: 'two', tags: ['a', 'b'], plain: 'x' });
    queryParams.flush();
    press('Inspect: open the tabstate inspector');
    tab('URL');
    const rowOf = (key: string): string[] => {
      const rows = [...root().querySelectorAll('tr')].map((row) =>
        [...row.children].map(({ textContent }) => textContent),
      );
      return rows.find(([first]) => first === key)?.slice(1, 3) as string[];
    };
    expect(rowOf('page')).toEqual(['two', '1, number; default 1']);
    expect(rowOf('tags')).toEqual(['a · b', '["a","b"], Array(2); default []']);
    expect(rowOf('from')).toEqual(['', '"2026-01-31T00:00:00.000Z", Date; default "2026-01-31T00:00:00.000Z"']);
    expect(rowOf('plain')).toEqual(['x', 'text']);
    const field = Object.assign(document.createElement('input'), { type: 'number', value: '3' });
    field.name = 'plain';
    const off = bind(queryParams, field);
    await vi.waitFor(() => expect(rowOf('plain')).toEqual(['x', 'nothing']));
    queryParams.plain = '7';
    await vi.waitFor(() => expect(rowOf('plain')).toEqual(['7', '7, number']));
    off();
  });

  it('lists what happened here and in other tabs, without values', async () => {
    const named = cacheData(async (n: number) => ({ secret: n }), { name: 'told' });
    await named(1);
    await named.info();
    const fails = cacheData(async () => Promise.reject(new Error('no')), { name: 'fails' });
    await fails().catch(() => {});
    sessionState.pin = 'hunter2';
    sessionState.pin = 'hunter3';
    queryParams.page = 'two';
    await vi.waitFor(() => expect(location.search).toContain('page'));
    press('Inspect: open the tabstate inspector');
    tab('Events');
    const rows = (): string[] =>
      [...root().querySelectorAll('tbody tr')].map((row) =>
        [...row.children]
          .slice(1)
          .map(({ textContent }) => textContent)
          .join(' '),
      );
    await vi.waitFor(() => expect(rows()).toContain('this set told(1)'));
    expect(rows()).toEqual(
      expect.arrayContaining(['this error fails()', 'this set queryParams.page', 'this set × 2 sessionState.pin']),
    );
    expect(text()).not.toMatch(/hunter|two|secret/);
    const other = Object.assign(document.createElement('iframe'), {
      // Vitest's server writes this call into every import()
      srcdoc: `<script>__vitest_browser_runner__ = { wrapDynamicImport: (load) => load() }</script>
        <script type="module">
        import { cacheData } from '/src/index.ts';
        await cacheData(async (n) => n, { name: 'told' }).refresh(1);
      </script>`,
    });
    document.body.append(other);
    await vi.waitFor(() => expect(rows()).toContain('other set told(1)'), { timeout: 10_000 });
    other.remove();
    for (let n = 0; n < 3; n++) {
      sessionState.often = n;
      await Promise.resolve();
    }
    await vi.waitFor(() => expect(rows()[0]).toMatch(/this set × \d sessionState.often/));
    press('Empty the list of events');
    expect(text()).toContain('Nothing has happened');
  });

  it('[CAC-110] keeps the focus on a button whose label changes', async () => {
    // of two functions with one name, the one that was pressed
    const [first, second] = [1, 2].map((n) => cacheData(async () => n, { name: 'focused', version: n }));
    await Promise.all([first?.(), second?.()]);
    press('Inspect: open the tabstate inspector');
    tab('Cache');
    const buttons = (): HTMLButtonElement[] => [
      ...root().querySelectorAll<HTMLButtonElement>('[aria-label$="entries of focused"]'),
    ];
    const toggles = (): HTMLButtonElement[] =>
      buttons().filter((button) => /^(Show|Close) the/.test(button.getAttribute('aria-label') ?? ''));
    await vi.waitFor(() => expect(toggles()).toHaveLength(2));
    for (const text of ['Close', 'Entries', 'Close']) {
      toggles()[1]!.focus();
      toggles()[1]!.click();
      await vi.waitFor(() => expect(toggles()[1]?.textContent).toBe(text));
      expect(root().activeElement).toBe(toggles()[1]);
    }
  });

  it('keeps the focus while a panel is drawn anew, whatever the names are', async () => {
    const odd = 'a "b"\\\n\u0001 é';
    await cacheData(async () => 1, { name: odd, persist: false })();
    queryParams.set(odd, '1');
    sessionState.set(odd, 1);
    press('Inspect: open the tabstate inspector');
    for (const [title, label] of [
      ['Cache', `Clear all entries of ${odd}`],
      ['URL', `Delete ${odd}`],
      ['Session', `Delete ${odd}`],
    ] as const) {
      tab(title);
      const button = (): HTMLButtonElement | undefined =>
        [...root().querySelectorAll('button')].find((each) => each.getAttribute('aria-label') === label);
      await vi.waitFor(() => expect(button()).toBeDefined());
      const before = button();
      before?.focus();
      queryParams.set('other', title);
      sessionState.set('other', title);
      await vi.waitFor(() => expect(button()).not.toBe(before), { timeout: 5000 });
      expect(root().activeElement, title).toBe(button());
    }
  });

  it('leaves the reader where he has scrolled to while it is drawn anew', async () => {
    const many = cacheData(async (n: number) => n, { name: 'many', persist: false });
    await Promise.all(Array.from({ length: 60 }, (_, n) => many(n)));
    press('Inspect: open the tabstate inspector');
    tab('Cache');
    const toggle = (text: string): HTMLButtonElement | null =>
      root().querySelector(`[aria-label="${text} the entries of many"]`);
    await vi.waitFor(() => expect(toggle('Show')).not.toBeNull());
    toggle('Show')!.focus();
    toggle('Show')!.click();
    await vi.waitFor(() => expect(toggle('Close')).not.toBeNull());
    const panel = root().querySelector('[role=tabpanel]')!;
    panel.scrollTop = 600;
    // Firefox scrolls by whole pixels of the screen
    const { scrollTop } = panel;
    expect(scrollTop).toBeCloseTo(600, 0);
    const drawn = toggle('Close');
    // a page without the focus, as this one may be, is not scrolled by it
    const focus = vi.spyOn(HTMLElement.prototype, 'focus');
    await vi.waitFor(() => expect(toggle('Close')).not.toBe(drawn), { timeout: 5000 });
    expect([panel.scrollTop, root().activeElement]).toEqual([scrollTop, toggle('Close')]);
    expect(focus.mock.calls).toContainEqual([{ preventScroll: true }]);
    focus.mockRestore();
  });

  it('keeps the focus in the panel when its button goes', async () => {
    sessionState.update({ first: 1, second: () => {} });
    press('Inspect: open the tabstate inspector');
    const focused = (): string | null | undefined =>
      root().activeElement?.getAttribute('aria-label') ?? root().activeElement?.className ?? root().activeElement?.id;
    const use = (label: string): void => {
      root().querySelector<HTMLElement>(`[aria-label="${label}"]`)!.focus();
      press(label);
    };
    use('Edit first');
    expect(focused()).toBe('Value of first as JSON');
    for (const end of ['Cancel', 'Save first']) {
      use('Edit first');
      use(end);
      await vi.waitFor(() => expect(focused()).toBe('Edit first'));
    }
    use('Reveal the value of second');
    expect(focused()).toBe('covered');
    use('Delete first');
    await vi.waitFor(() => expect(text()).toContain('1 keys'));
    expect(root().activeElement?.id).toBe('panel');
  });

  it('shows values whose type cannot be asked for', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const getters = [Symbol.toStringTag, 'constructor'].map((name) =>
      Object.defineProperty({}, name, {
        get() {
          throw new Error('not yours');
        },
      }),
    );
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    for (const value of [proxy, ...getters]) {
      sessionState.set('odd', value);
      press('Inspect: open the tabstate inspector');
      expect(text()).toContain('1 keys in this tab');
      press('Reveal the value of odd');
      press('Close');
    }
    warn.mockRestore();
  });

  it('draws a first page of many keys only', () => {
    sessionState.update(Array.from({ length: 2000 }, (_, i): [string, number] => [`key${i}`, i]));
    press('Inspect: open the tabstate inspector');
    expect(root().querySelectorAll('tbody tr')).toHaveLength(100);
    press('Show more keys');
    expect(root().querySelectorAll('tbody tr')).toHaveLength(200);
  });

  it('passes axe on every tab', async () => {
    sessionState.count = 1;
    press('Inspect: open the tabstate inspector');
    for (const title of ['Session', 'URL', 'Context', 'Cache', 'Events']) {
      tab(title);
      await vi.waitFor(() => expect(root().querySelector('[role=tabpanel]')?.childElementCount).toBeGreaterThan(0));
      const { violations } = await axe.run(inspector);
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    }
  });

  it('writes text only', async () => {
    sessionState['<img src=x onerror=alert(1)>'] = '<b>bold</b>';
    press('Inspect: open the tabstate inspector');
    expect(root().querySelector('img, b')).toBeNull();
  });

  it('leaves nothing behind when it is removed', () => {
    press('Inspect: open the tabstate inspector');
    const added = vi.spyOn(document, 'addEventListener');
    inspector.remove();
    document.dispatchEvent(new KeyboardEvent('keydown', { altKey: true, shiftKey: true, code: 'KeyT' }));
    expect(added).not.toHaveBeenCalled();
    added.mockRestore();
  });
});
