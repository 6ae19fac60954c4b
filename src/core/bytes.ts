/**
 * A number of bytes: of a number, or of a text such as `'50MB'` (kB, MB, GB are powers of 1000, KiB, MiB, GiB of 1024).
 *
 * @param owner - the call, for messages
 * @param option - the option's name, for messages
 * @throws TypeError for another type, RangeError for a text or number that is no size
 */
export function parseBytes(value: unknown, owner: string, option: string): number {
  const valid = `${owner}: \`${option}\` must be a positive number of bytes, or a text such as '50MB' (units: B kB MB GB KiB MiB GiB)`;
  if (typeof value !== 'number' && typeof value !== 'string')
    throw new TypeError(`${valid}; a value of type ${value === null ? 'null' : typeof value} was given.`);
  const [, number, letter = '', i] = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*(?:([kmgt])(i?))?b\s*$/i.exec(`${value}`) ?? [];
  const bytes =
    typeof value === 'number'
      ? value
      : Number(number) * (i ? 1024 : 1000) ** ' kmgt'.indexOf(letter.toLowerCase() || ' ');
  if (!(bytes > 0)) throw new RangeError(`${valid}.`);
  return Math.floor(bytes);
}
