// What the members of cached data do that resources have otherwise or not at all; loaded with the code of calls.
import type { Backing } from './backing.js';
import { mainOf, outgrow } from './bucket.js';
import { isInBlobs } from './entry.js';
import { type CacheInfo, type Identity, infoOf } from './identity.js';
import { freshEntry, primeHere, type Target } from './members.js';

export { forget } from './bucket.js';
export { clearHere, subscribe } from './members.js';

/** A fresh copy from memory; nothing of what lies in Blobs. */
export function peek(target: Target, key: string): unknown {
  const found = freshEntry(target, key);
  return found && !isInBlobs(found.entry) ? target.w.values.give(found.bucket, found.entry) : undefined;
}

/** @param backing - where the entry may be stored */
export async function has(target: Target, key: string, backing: Backing | undefined): Promise<boolean> {
  const { w } = target;
  await mainOf(w.identity).settled();
  return freshEntry(target, key) !== undefined || (await backing?.has(w, key)) === true;
}

/** What is primed for a call. */
export interface Primed {
  readonly key: string;
  readonly value: unknown;
  readonly args: readonly unknown[];
}

/** @param connect - the way to where it is stored, as soon as the code for that is there */
export async function prime(
  target: Target,
  { key, value, args }: Primed,
  connect: () => Promise<Backing | undefined>,
): Promise<void> {
  const { w } = target;
  const { bucket, entry, isPut } = primeHere(target, key, value, args);
  if (!isPut) return outgrow(w, bucket, entry);
  if (bucket !== w.identity.main || !w.place) return;
  bucket.willWrite(entry);
  const write = async (): Promise<void> => {
    const backing = await connect();
    if (backing) await backing.write(w, bucket, entry, args);
    else bucket.wrote(entry);
  };
  await (entry.writing = bucket.track(write()));
}

/** What a function holds here and where its entries are stored. */
export async function info(identity: Identity, backing: Backing | undefined): Promise<CacheInfo> {
  await mainOf(identity).settled();
  const here = infoOf(identity);
  return backing ? backing.info(identity, here) : here;
}
