// Any entry as text.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSnapshot, takeSnapshot } from '../../src/core/values/snapshot.js';
import { classes } from '../../src/registered-classes.js';
import { formatEntry, parseEntry } from '../../src/stores/entry-text.js';
import { fromStored, toStored } from '../../src/stores/stored-entry.js';
import { graphs, values } from '../helpers/arbitrary-values.js';
import { inputs } from '../helpers/inputs.js';
import { differences } from '../helpers/same-shape.js';

const times = { createdAt: 1, expiresAt: Infinity, staleUntil: Infinity, bytes: 1 };

describe('entries as text', () => {
  it('[CAC-206][CAC-227] say what the disk would say of every value, or refuse it by name', () => {
    fc.assert(
      fc.property(fc.oneof(values, graphs), (value) => {
        let copy: unknown;
        try {
          copy = readSnapshot(takeSnapshot(value, { classes }));
        } catch {
          return; // what no tier keeps
        }
        const text = formatEntry(toStored(copy, times));
        if (typeof text !== 'string') {
          expect(text.typeName).not.toMatch(/^(Array|Object|sparse array)$/);
          return;
        }
        const entry = fromStored(parseEntry(text));
        expect(entry).toMatchObject(times);
        expect(differences(copy, readSnapshot(entry!.snapshot as never))).toEqual([]);
      }),
      inputs(300),
    );
  });

  it('[CAC-226] are read from any row without an exception that is none of a value', () => {
    const part = fc.oneof(fc.anything(), fc.constantFrom(1, null, [], [['f', 1]], Infinity, NaN, 'x'));
    const row = fc.record(
      {
        format: fc.constantFrom<unknown>(1, 1, 1, 2, '1'),
        value: fc.jsonValue(),
        createdAt: part,
        expiresAt: part,
        staleUntil: part,
        bytes: part,
        tags: part,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(row, fc.anything()), (any) => {
        const entry = fromStored(any);
        if (!entry) return;
        expect([entry.createdAt, entry.bytes].every(Number.isFinite)).toBe(true);
        expect([entry.expiresAt, entry.staleUntil].some(Number.isNaN)).toBe(false);
      }),
      inputs(500),
    );
  });
});
