// Start of a page: what somebody would take in place of the whole library, until the first read.
import * as cachified from '@epic-web/cachified';
import * as idb from 'idb-keyval';
import Cookies from 'js-cookie';
import { LRUCache } from 'lru-cache';
import * as nanostores from 'nanostores';
import queryString from 'query-string';
import { firstRead as readAtom } from './nanostores.js';

/** What somebody would load in place of the whole library, and nothing of it is left out. */
export function firstRead(): unknown {
  Object.assign(globalThis, { stack: { ...cachified, ...idb, ...nanostores, Cookies, LRUCache, queryString } });
  return readAtom();
}
