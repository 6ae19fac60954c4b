const { imul } = Math;

const turn = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

const finish = (x: number): number => {
  let h = x;
  h = imul(h ^ (h >>> 16), 0x85ebca6b);
  h = imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
};

const hex = (x: number): string => (x >>> 0).toString(16).padStart(8, '0');

/**
 * 128 bits over `count` 32-bit words, as 32 hexadecimal digits; MurmurHash3's x86 variant, whole blocks of four words.
 * Not cryptographic: `crypto.subtle` is asynchronous, and absent on plain http.
 *
 * @param word - the word at an index; 0 beyond the end
 * @param length - enters the hash, so that padding does not count
 */
function hashWords(word: (i: number) => number, count: number, length: number): string {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = 0; i < count; i += 4) {
    a = imul(turn(a ^ imul(turn(imul(word(i), 0x239b961b), 15), 0xab0e9789), 19) + b, 5) + 0x561ccd1b;
    b = imul(turn(b ^ imul(turn(imul(word(i + 1), 0xab0e9789), 16), 0x38b34ae5), 17) + c, 5) + 0x0bcaa747;
    c = imul(turn(c ^ imul(turn(imul(word(i + 2), 0x38b34ae5), 17), 0xa1e38b93), 15) + d, 5) + 0x96cd1c35;
    d = imul(turn(d ^ imul(turn(imul(word(i + 3), 0xa1e38b93), 18), 0x239b961b), 13) + a, 5) + 0x32ac3b17;
  }
  a ^= length;
  b ^= length;
  c ^= length;
  d ^= length;
  a += b + c + d;
  b += a;
  c += a;
  d += a;
  a = finish(a);
  b = finish(b);
  c = finish(c);
  d = finish(d);
  a += b + c + d;
  return hex(a) + hex(b + a) + hex(c + a) + hex(d + a);
}

/** 128 bits over all UTF-16 code units, as 32 hexadecimal digits; the same in every engine. */
export function hashText(text: string): string {
  const { length } = text;
  // NaN beyond the end becomes 0 in the bit operations
  return hashWords((i) => text.charCodeAt(2 * i) | (text.charCodeAt(2 * i + 1) << 16), (length + 1) >> 1, length);
}

/** 128 bits over all bytes, as 32 hexadecimal digits. */
export function hashBytes(bytes: Uint8Array): string {
  const { length, byteOffset, buffer } = bytes;
  const whole = length >> 2;
  // words need an aligned start
  const words =
    byteOffset % 4 === 0
      ? new Uint32Array(buffer, byteOffset, whole)
      : new Uint32Array(bytes.slice(0, 4 * whole).buffer);
  let rest = 0;
  for (let i = 4 * whole; i < length; i++) rest |= bytes[i]! << (8 * (i % 4));
  return hashWords((i) => (i < whole ? words[i]! : i === whole ? rest : 0), (length + 3) >> 2, length);
}
