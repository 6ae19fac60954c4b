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
function withOneNaN(bytes: Uint8Array<ArrayBufferLike>, kind: string): Uint8Array<ArrayBufferLike> {
  if (kind === 'Float64Array' || kind === 'Float32Array') {
    const size = kind === 'Float64Array' ? 8 : 4;
    const isAligned = bytes.byteOffset % size === 0;
    const own = isAligned ? bytes : bytes.slice();
    const { buffer, byteOffset } = own as Uint8Array<ArrayBuffer>;
    const Floats = size === 8 ? Float64Array : Float32Array;
    const numbers = new Floats(buffer, byteOffset, own.length / size);
    let result: Uint8Array<ArrayBufferLike> | undefined;
    for (let i = 0; i < numbers.length; i++) {
      if (!Number.isNaN(numbers[i])) continue;
      result ??= bytes.slice();
      result.fill(0, i * size, (i + 1) * size).fill(0xff, (i + 1) * size - 2, (i + 1) * size);
    }
    return result ?? bytes;
  }
  return bytes;
}

function formatBytes(kind: string, view: ArrayBufferView): string {
  const window = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const bytes = withOneNaN(window, kind);
  if (bytes.length > 64) return `${kind}(#${bytes.length}.${hashBytes(bytes)})`;
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return `${kind}(${text})`;
}

/** Built-in objects whose text needs no walk; `undefined` for others. */
export function formatBuiltin(name: string, value: object): string | undefined {
  const is = value as Record<string, never>;
  if (ArrayBuffer.isView(value)) {
    if (builtinClassOf(Object.getPrototypeOf(value.buffer)) !== 'ArrayBuffer') return undefined;
    return formatBytes(name, value);
  }
  switch (name) {
    case 'ArrayBuffer':
      return formatBytes(name, new Uint8Array(value as ArrayBuffer));
    case 'Date':
      return `Date(${(value as Date).getTime()})`;
    case 'RegExp':
      return `RegExp(${quote((value as RegExp).source)},${quote((value as RegExp).flags)})`;
    case 'Number':
      return `Number(${formatNumber(Number(value))})`;
    case 'String':
      return `String(${quote(String(value))})`;
    case 'Boolean':
      return `Boolean(${value.valueOf()})`;
    case 'BigInt':
      return `BigInt(${value.valueOf()})`;
    case 'URL':
    case 'URLSearchParams':
      return `${name}(${quote(String(value))})`;
    case 'File':
      return `File(${quote(is['name']!)},${quote(is['type']!)},${is['size']},${is['lastModified']})`;
  }
  if (/^Temporal\./.test(name)) return `${name}(${quote(String(value))})`;
  if (isErrorClass(name) || name === 'DOMException')
    return `Error(${quote(String(is['name']))},${quote(String(is['message']))})`;
  return undefined;
}
