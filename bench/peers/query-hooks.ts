// Hooks of nuqs and use-query-params, whose setters a bench can call.
import { parseAsInteger, useQueryState } from 'nuqs';
import { NuqsAdapter } from 'nuqs/adapters/react';
import { createElement as h, useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { NumberParam, QueryParamProvider, useQueryParam } from 'use-query-params';
import { WindowHistoryAdapter } from 'use-query-params/adapters/window';

/** The React libraries in a real page: a component each, whose setter is called from outside. */
export interface QueryHooks {
  nuqs(value: number): Promise<unknown>;
  useQueryParams(value: number): void;
  unmount(): void;
}

/** Mounts them for one numeric parameter; resolves when both setters are there. */
export async function mountQueryHooks(key: string): Promise<QueryHooks> {
  const setters: Partial<QueryHooks> = {};
  const ready = new Promise<void>((resolve) => {
    const done = (): void => {
      if (setters.nuqs && setters.useQueryParams) resolve();
    };
    const Nuqs = () => {
      const [value, set] = useQueryState(key, parseAsInteger);
      useEffect(() => {
        setters.nuqs = set;
        done();
      }, [set]);
      return h('output', null, value);
    };
    const Other = () => {
      const [value, set] = useQueryParam(key, NumberParam);
      useEffect(() => {
        setters.useQueryParams = (next) => set(next, 'replaceIn');
        done();
      });
      return h('output', null, value);
    };
    const root = createRoot(document.body.appendChild(document.createElement('div')));
    root.render([
      h(NuqsAdapter, { key: 'nuqs', children: h(Nuqs) }),
      h(QueryParamProvider, { key: 'use-query-params', adapter: WindowHistoryAdapter } as never, h(Other)),
    ]);
    setters.unmount = () => root.unmount();
  });
  await ready;
  return setters as QueryHooks;
}

/** Resolves when the URL holds the text, with the ms since the call; `Infinity` after `mostMs`. */
export async function untilInUrl(text: string, mostMs: number): Promise<number> {
  const start = performance.now();
  while (!new RegExp(`[?&]${text}(&|$)`).test(location.search)) {
    if (performance.now() - start > mostMs) return Number.POSITIVE_INFINITY;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return performance.now() - start;
}
