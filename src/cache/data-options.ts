import { parseBytes } from '../core/bytes.js';
import { check, fn, oneOf, type Reader, readers } from './read-options.js';

export const readStore: Reader = check(
  'an object with the methods get, set, delete and clear',
  (value) =>
    typeof value === 'object' &&
    ['get', 'set', 'delete', 'clear'].every((verb) => typeof (value as Record<string, unknown>)[verb] === 'function'),
);
const storage = oneOf(true, false, 'indexeddb', 'disk');

/** Options of `cacheData`. */
export const dataReaders: Record<string, Reader> = {
  ...readers,
  persist: (value, call, option) => storage(value, call, option) !== false,
  maxSize: parseBytes,
  copy: oneOf('clone', 'freeze', 'share'),
  cacheIf: fn,
  store: readStore,
};
