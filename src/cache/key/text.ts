// The key text of values that need no walk.
import { hashBytes } from '../../core/hash.js';
import { builtinClassOf, isErrorClass } from '../../core/values/builtin-class.js';

/** JSON's form; most texts need no escape. */
export function quote(text: string): string {
  const { length } = text;
  if (length > 40) return JSON.stringify(text);
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    // control characters, quotes, backslashes and surrogates, of which lone ones are escaped
    if (unit < 32 || unit === 34 || unit === 92 || (unit & 0xf800) === 0xd800) return JSON.stringify(text);
  }
  return `"${text}"`;
}

/** As text of a JavaScript number; -0 differs from 0. */
export const formatNumber = (value: number): string => (value === 0 && 1 / value < 0 ? '-0' : `${value}`);

/** Every NaN as the same bytes: engines keep several. */
function withOneNaN(bytes: Uint8Array, numbers: Float64Array | Float32Array): Uint8Array {
  const size = numbers.BYTES_PER_ELEMENT;
  let result = bytes;
  for (let i = 0; i < numbers.length; i++) {
    if (!Number.isNaN(numbers[i])) continue;
    if (result === bytes) result = bytes.slice();
    const end = (i + 1) * size;
    result.fill(0, end - size, end).fill(0xff, end - 2, end);
  }
  return result;
}

function formatBytes(kind: string, buffer: ArrayBufferLike, view?: ArrayBufferView): string {
  let bytes = new Uint8Array(buffer, view?.byteOffset, view?.byteLength);
  if (/^Float/.test(kind)) bytes = withOneNaN(bytes, view as Float64Array);
  if (bytes.length > 64) return `${kind}(#${bytes.length}.${hashBytes(bytes)})`;
  return `${kind}(${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')})`;
}

const partsOf: Readonly<Record<string, readonly string[]>> = {
  RegExp: ['source', 'flags'],
  File: ['name', 'type', 'size', 'lastModified'],
};

/** Built-in objects whose text needs no walk; `undefined` for others. */
export function formatBuiltin(name: string, value: object): string | undefined {
  const is = value as Record<string, unknown>;
  if (ArrayBuffer.isView(value))
    return builtinClassOf(Object.getPrototypeOf(value.buffer)) === 'ArrayBuffer'
      ? formatBytes(name, value.buffer, value)
      : undefined;
  if (name === 'ArrayBuffer') return formatBytes(name, value as ArrayBuffer);
  if (/^(?:Date|Number|Boolean|BigInt)$/.test(name)) return `${name}(${formatNumber(value.valueOf() as number)})`;
  if (/^(?:String|URL|URLSearchParams|Temporal\..*)$/.test(name)) return `${name}(${quote(String(value))})`;
  const parts = partsOf[name]?.map((part) => is[part]);
  if (parts) return `${name}(${parts.map((part) => JSON.stringify(part)).join()})`;
  if (isErrorClass(name) || name === 'DOMException')
    return `Error(${quote(String(is['name']))},${quote(String(is['message']))})`;
  return undefined;
}
