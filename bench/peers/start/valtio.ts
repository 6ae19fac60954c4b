// Start of a page: valtio with its value from sessionStorage, until the first read.
import { proxy, subscribe } from 'valtio/vanilla';

/** Stored by its documented recipe. */
export function firstRead(): unknown {
  const state = proxy(JSON.parse(sessionStorage.getItem('valtio') ?? '{"count":0}') as { count: number });
  subscribe(state, () => sessionStorage.setItem('valtio', JSON.stringify(state)));
  return state.count;
}
