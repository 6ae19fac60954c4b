/** What a function's text tells of its parameters. */
export interface Parameters {
  /** In order; `''` for a pattern. Of a rest parameter the last one. */
  readonly names: readonly string[];
  /** Names bound by patterns. */
  readonly patternNames: readonly string[];
  /** Position of the rest parameter, `Infinity` without one. */
  readonly rest: number;
}

/** The text after the head's keywords and name: `(a, b) { … }`, `x => …`. */
const afterName = (text: string): string =>
  text.replace(
    /^\s*(?:static\s+)?(?:async(?![\w$])\s*)?(?:function(?![\w$])\s*)?\*?\s*(?:(?:#?[\w$\u0080-\uffff]+|\[[^\]]*\]|"[^"]*"|'[^']*')\s*(?=\())?/,
    '',
  );

/** Where strings, comments and brackets that begin at `i` end; `i` itself for anything else. */
function skip(text: string, i: number): number {
  const two = text.slice(i, i + 2);
  if (two === '//') return end(text.indexOf('\n', i), text) - 1;
  if (two === '/*') return end(text.indexOf('*/', i), text) + 1;
  const quote = text[i]!;
  if (quote === '"' || quote === "'" || quote === '`') {
    let at = i + 1;
    for (; at < text.length && text[at] !== quote; at++) {
      if (text[at] === '\\') at++;
      else if (quote === '`' && text.startsWith('${', at)) at = closing(text, at + 1);
    }
    return at;
  }
  return quote === '(' || quote === '[' || quote === '{' ? closing(text, i) : i;
}

const end = (at: number, text: string): number => (at < 0 ? text.length : at);

/** The bracket that closes the one at `i`. */
function closing(text: string, i: number): number {
  for (let at = i + 1; at < text.length; at++) {
    if (')]}'.includes(text[at]!)) return at;
    at = skip(text, at);
  }
  return text.length;
}

/** Without comments, which may stand anywhere between names. */
function withoutComments(text: string): string {
  let result = '';
  for (let i = 0; i < text.length; i++) {
    const isComment = text.startsWith('//', i) || text.startsWith('/*', i);
    const to = isComment || '"\'`'.includes(text[i]!) ? skip(text, i) : i;
    result += isComment ? ' ' : text.slice(i, to + 1);
    i = to;
  }
  return result;
}

function splitAtCommas(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i <= text.length; i++) {
    if (i === text.length || text[i] === ',') {
      parts.push(text.slice(from, i).trim());
      from = i + 1;
    } else i = skip(text, i);
  }
  if (parts.at(-1) === '') parts.pop();
  return parts;
}

/** The parameter list's text and what follows it. */
function head(text: string): { list: string; body: string } {
  const rest = afterName(text);
  if (!rest.startsWith('(')) {
    const arrow = rest.indexOf('=>');
    return { list: rest.slice(0, arrow), body: rest.slice(arrow + 2) };
  }
  const to = closing(rest, 0);
  return { list: rest.slice(1, to), body: rest.slice(to + 1) };
}

/**
 * Whether a function's text shows its own names: minifiers make names such as `_` and `_t`, and equal texts for
 * different functions. Minified is a text without white space in its head and at the start of its body.
 */
export function isReadable(text: string): boolean {
  const { list, body } = head(text);
  return /\s/.test(list) || /^(?:\s|=>\s|=>\{\s|\{\s)/.test(body);
}

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/u;

/** Names that a pattern binds, at its first level: they play Python's keywords. */
const namesIn = (pattern: string): string[] =>
  splitAtCommas(pattern.slice(1, -1)).map((part) => identifier.exec(part.replace(/^\.\.\.\s*/, ''))?.[0] ?? '');

/** Reads the parameters from a function's text; `undefined` where the text is minified or hidden. */
export function parametersOf(text: string): Parameters | undefined {
  if (/\{\s*\[native code\]\s*\}\s*$/.test(text) || !isReadable(text)) return undefined;
  const names: string[] = [];
  const patternNames: string[] = [];
  let rest = Number.POSITIVE_INFINITY;
  for (const part of splitAtCommas(withoutComments(head(text).list))) {
    const isRest = part.startsWith('...');
    const name = isRest ? part.slice(3).trim() : part;
    if (isRest) rest = names.length;
    if (/^[[{]/.test(name)) {
      names.push('');
      if (name.startsWith('{')) patternNames.push(...namesIn(name.slice(0, closing(name, 0) + 1)));
    } else names.push(identifier.exec(name)?.[0] ?? '');
  }
  return { names, patternNames: patternNames.filter(Boolean), rest };
}
