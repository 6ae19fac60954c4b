/** One step into a value: a property name, an index, or a member of a Map or Set. */
export type PathStep = string | number | { readonly of: 'keys' | 'values' | 'items'; readonly at: number };

/** `a.b[2].fn`; members of a Map `.values[i]` and `.keys[i]`, of a Set `.items[i]`. */
export function formatPath(steps: Iterable<PathStep>): string {
  let path = '';
  for (const step of steps) {
    if (typeof step === 'number') path += `[${step}]`;
    else if (typeof step !== 'string') path += `.${step.of}[${step.at}]`;
    else if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(step)) path += `[${JSON.stringify(step)}]`;
    else path += path === '' ? step : `.${step}`;
  }
  return path;
}
