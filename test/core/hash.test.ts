// Hashes of texts and bytes.
import { describe, expect, it } from 'vitest';
import { hashBytes, hashText } from '../../src/core/hash.js';

// keys of stored results: another hash would lose them all
describe('hashText', () => {
  const text = 'aé\u4e2d😀"\n0 '.repeat(700);
  it.each([
    [0, '00000000000000000000000000000000'],
    [1, '0e8ff0974247a279105cc0d47440e91d'],
    [7, '3d2d957bbb6422c3f47d915273332bcf'],
    [8, '8074f05cccd60692d070329d678663a1'],
    [9, '5c5a9c41267815b744cd46677d7fc12b'],
    [4095, '7ae24bc7edad7e63714300732e1264d8'],
    [4096, 'bae2493b7bdc6432b3e47f711280c60b'],
    [4097, 'ba284535eb36feb1092771434683c771'],
    [6300, '3e24c707491d72ef592dade78c3ee9c5'],
  ])('of the first %i characters', (length, hash) => {
    expect(hashText(text.slice(0, length))).toBe(hash);
  });
});

describe('hashBytes', () => {
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => (i * 37) ^ (i >> 3));
  it.each([
    [0, 0, '00000000000000000000000000000000'],
    [0, 1, '0d612e4d49e0ce8637eeeca6c3e9b57e'],
    [1, 8, '69889fb800f2fbf882875a44885bcb0f'],
    [0, 16, 'd0ae6895766705f487aed0e2c1b340f2'],
    [0, 17, '08da22968566977136d508f0d0e39f72'],
    [3, 4099, 'c37d843aa1678afad96cff31f0875ce7'],
    [0, 5000, '3ce55013812bfe89ae9df2eaf945d94f'],
  ])('of bytes %i to %i', (from, to, hash) => {
    expect(hashBytes(bytes.subarray(from, to))).toBe(hash);
  });
});
