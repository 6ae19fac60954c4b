/** What `parseBytes` takes, for messages. */
export const bytesText = "bytes, or a text such as '50MB' (units: B kB MB GB KiB MiB GiB)";

/**
 * A number of bytes: of a number, or of a text such as `'50MB'` (kB, MB, GB are powers of 1000, KiB, MiB, GiB of 1024).
 *
 * @returns `NaN` for a text or number that is no size; `undefined` for another type
 */
export function parseBytes(value: unknown): number | undefined {
  let bytes = value;
  if (typeof value === 'string') {
    const [, number, letter = '', i] = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*(?:([kmgt])(i?))?b\s*$/i.exec(value) ?? [];
    bytes = Number(number) * (i ? 1024 : 1000) ** ' kmgt'.indexOf(letter.toLowerCase() || ' ');
  }
  if (typeof bytes !== 'number') return undefined;
  return bytes > 0 ? Math.floor(bytes) : NaN;
}
