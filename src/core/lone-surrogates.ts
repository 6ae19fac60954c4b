// Lone surrogates: halves of a character that no encoding can write.

/** Replaces them. Without the flag `u`, whose `\p{Cs}` passes over one before U+FEFF in WebKit. */
export const replaceLone = (text: string, replacement: (unit: string) => string): string =>
  text.replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, (found) =>
    found.length > 1 ? found : replacement(found),
  );
