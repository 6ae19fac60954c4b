// The two experimental functions of query parameters, over queryParams.
import type { QueryInputs } from '../query-params/members.js';
import { queryParams } from '../query-params/query-params.js';
import { warnDeprecated } from './warner.js';

/**
 * All parameters, each as an array of its texts.
 *
 * @deprecated Use `queryParams`, with `getAll` for repeated keys.
 */
export function experimentalGetQueryParams(): Record<string, string[]> {
  warnDeprecated('experimentalGetQueryParams()', 'queryParams');
  return Object.fromEntries([...queryParams].map(([key]) => [key, queryParams.getAll(key)]));
}

/**
 * Replaces all parameters but the reserved ones.
 *
 * @deprecated Use `queryParams`, or `queryParams.fromDict(values)`.
 * @throws {@link ReservedKeyError} for a reserved key
 * @throws {@link QueryParamValueError} for a value that cannot stand in a URL
 */
export function experimentalSetQueryParams(values: QueryInputs): void {
  warnDeprecated('experimentalSetQueryParams()', 'queryParams.fromDict()');
  queryParams.fromDict(values);
}
