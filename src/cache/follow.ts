// What this page's memory does when another tab has stored or cleared something.
import type { Note } from '../disk/entry.js';
import { forget } from './bucket.js';
import { bucketsOf, type Identity } from './identity.js';

/** What another tab did. Its values are on disk, so memory only forgets. */
export function follow(identities: Identity[], note: Note): void {
  const named = (id: string): Identity | undefined =>
    identities.find((identity) => identity.id === id && identity.hasName);
  if (note.type === 'set') {
    const main = named(note.identity)?.main;
    const entry = main?.entries.get(note.key);
    if (entry) main?.entries.drop(entry);
    main?.tell(note.key, { type: 'set', tab: 'other' });
    return;
  }
  const { target } = note;
  if (!('identity' in target)) forget(identities.flatMap(bucketsOf), 'tag' in target ? target : {}, 'other');
  else {
    const main = named(target.identity)?.main;
    if (main) forget([main], 'key' in target ? { key: target.key } : {}, 'other');
  }
}

/** Notes were missed. Not a clear: what is stored is as good as it was. */
export function forgetMemory(identities: Identity[]): void {
  for (const { main } of identities) {
    main?.entries.clear();
    main?.tell(undefined, { type: 'set', tab: 'other' });
  }
}
