// fast-check for mutation testing: a mutant that survives would wait for every input of every property.
import * as real from '../../node_modules/fast-check/lib/fast-check.js';

export * from '../../node_modules/fast-check/lib/fast-check.js';

const most = 25;

export default {
  ...real,
  assert: (property: never, parameters: { numRuns?: number } = {}) =>
    real.assert(property, { ...parameters, numRuns: Math.min(parameters.numRuns ?? most, most), endOnFailure: true }),
};
