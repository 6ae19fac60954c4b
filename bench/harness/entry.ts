// An entry as the disk tier takes it, made of a value.
import { takeSnapshot } from '../../src/core/values/snapshot.js';
import type { CacheEntry } from '../../src/disk/entry.js';
import { classes } from '../../src/registered-classes.js';

/** An entry as a tier is given it: it never expires, and no clear before it counts. */
export function entryOf(value: unknown): CacheEntry {
  const snapshot = takeSnapshot(value, { classes });
  const { bytes } = snapshot;
  return { snapshot, bytes, createdAt: Date.now(), expiresAt: Infinity, staleUntil: Infinity, epoch: Infinity };
}
