// A page with bound controls, for the tests of bind.
import { vi } from 'vitest';
import { systemClock } from '../../src/browser/clock.js';
import { bind as bindTo, createSessionState } from '../../src/index.js';
import { createQueryParamsOver } from '../../src/query-params/query-params.js';
import { createTokenBucket } from '../../src/query-params/rate.js';
import { createWriter } from '../../src/query-params/writer.js';

/** Lets mutation observers and the microtasks behind them run. */
export const tick = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await Promise.resolve();
};
export const nextTask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
export const $ = <E extends Element = HTMLInputElement>(selector: string): E => document.querySelector(selector) as E;
export const $$ = (selector: string): HTMLInputElement[] => [...document.querySelectorAll<HTMLInputElement>(selector)];
export const send = (target: EventTarget, ...names: string[]): void => {
  for (const name of names) target.dispatchEvent(new Event(name, { bubbles: name !== 'blur' }));
};
/** What a user does: the property changes, then the events come. */
export const type = (field: any, value: string, ...names: string[]): void => {
  field.value = value;
  send(field, ...(names.length > 0 ? names : ['input']));
};

/** An address of its own: engines limit history writes. */
export function fakeUrl(href: string) {
  const hear = new Set<(change: any) => void>();
  const url = {
    href,
    entries: 1,
    /** Somebody else changes the address. */
    visit(path: string, change = 'other') {
      url.href = `http://h${path}`;
      for (const listener of [...hear]) listener(change);
    },
    address: {
      href: () => url.href,
      write(next: string, mode: string) {
        url.href = next;
        if (mode === 'push') url.entries++;
        for (const listener of [...hear]) listener('other');
      },
      listen(listener: (change: any) => void) {
        hear.add(listener);
        return () => hear.delete(listener);
      },
    },
  };
  return url;
}

/** A page with a session state, a query and what is bound. */
export function boundPage() {
  const ends: (() => void)[] = [];
  const page = {
    S: undefined as any,
    Q: undefined as any,
    url: fakeUrl('http://h/p'),
    warnings: [] as any[],
    reported: [] as unknown[],
    /** The query of the address bar. */
    query(): string {
      page.Q.flush();
      return new URL(page.url.href).search;
    },
    /** This body at this path and query; the session goes on. */
    open(html: string, path = '/p') {
      for (const end of ends.splice(0)) end();
      document.body.innerHTML = html;
      page.url = fakeUrl(`http://h${path}`);
      page.S = createSessionState({ onWarning: (warning) => page.warnings.push(warning) });
      const writer = createWriter({
        address: page.url.address,
        clock: systemClock,
        bucket: createTokenBucket(),
      } as any);
      page.Q = createQueryParamsOver(writer, { onWarning: (warning) => page.warnings.push(warning) });
    },
    /** Binds and ends it with the page. */
    bind(state: any, ...args: any[]): () => void {
      const end = bindTo(state, ...(args as [any, any]));
      ends.push(end);
      return end;
    },
    begin() {
      sessionStorage.clear();
      page.warnings = [];
      page.reported = [];
      vi.stubGlobal('reportError', (error: unknown) => page.reported.push(error));
      page.open('');
    },
    end() {
      page.open('');
      vi.unstubAllGlobals();
      sessionStorage.clear();
    },
  };
  return page;
}
