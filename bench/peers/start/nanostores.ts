// Start of a page: nanostores with its persistence, until the first read.
import { persistentAtom, setPersistentEngine } from '@nanostores/persistent';

export function firstRead(): unknown {
  setPersistentEngine(
    sessionStorage as never,
    { addEventListener() {}, removeEventListener() {}, perKey: false } as never,
  );
  return persistentAtom('count', 0, { encode: JSON.stringify, decode: JSON.parse }).get();
}
