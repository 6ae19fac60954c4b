import type { Note } from '../tiers/tier.js';
import { forgetFunction, forgetKey, forgetRoom, forgetTag } from './forget.js';
import type { FunctionRecord } from './records.js';
import { notify } from './wrapper.js';

/** What another tab did. Its values are on disk, so memory only forgets. */
export function follow(records: FunctionRecord[], note: Note): void {
  const named = (identity: string): FunctionRecord | undefined =>
    records.find((record) => record.identity === identity && record.hasName);
  if (note.type === 'set') {
    const main = named(note.identity)?.main;
    const entry = main?.shelf.get(note.key);
    if (entry) main?.shelf.drop(entry);
    if (main) notify(main, note.key, { type: 'set', tab: 'other' });
    return;
  }
  const { target } = note;
  if ('all' in target) for (const record of records) forgetFunction(record, 'other');
  else if ('tag' in target) for (const record of records) forgetTag(record, target.tag, 'other');
  else {
    const main = named(target.identity)?.main;
    if (!main) return;
    if ('key' in target) forgetKey(main, target.key, 'other');
    else forgetRoom(main, 'other');
  }
}
