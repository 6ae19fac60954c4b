// Arguments in short, for the inspector and info(): types and sizes, cut texts.
import { typeNameOf } from './values/builtin-class.js';

const maxText = 24;
const maxLength = 80;

/** The arguments of a call in short, for the inspector: `"EUR", 3, {from, to}, Array(12)`. Never more than 80 characters. */
export function describeArgs(args: readonly unknown[]): string {
  const text = args.slice(0, 10).map(describe).join(', ');
  return text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
}

function describe(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > maxText ? `${value.slice(0, maxText - 1)}…` : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function' || typeof value === 'symbol') return typeof value;
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
  try {
    const size = (value as { length?: unknown }).length ?? (value as { size?: unknown }).size;
    const name = typeNameOf(value);
    if (name === 'Object') return `{${Object.keys(value).slice(0, 5).join(', ')}}`;
    return typeof size === 'number' ? `${name}(${size})` : name;
  } catch {
    // a proxy or a getter that throws: the call itself says what is wrong
    return 'Proxy';
  }
}
