// A list in one text of a parameter, such as `a,b`.
import type { OneText } from './list.js';

/**
 * `a,b` in one text, `,` inside an item as `%2C`.
 *
 * @throws TypeError for a character that does not stand unencoded in all URLs
 */
export function oneTextOf(separator: string): OneText {
  if (!/^[,;:|!.~_-]$/.test(separator))
    throw new TypeError('param.list: the separator must be one of , ; : | ! . ~ _ -');
  const escaped = `%${separator.charCodeAt(0).toString(16).toUpperCase()}`;
  return {
    separator,
    split: (text) =>
      text
        .split(separator)
        .map((item) =>
          item.replace(/%(..)/g, (whole) =>
            whole === '%25' ? '%' : whole.toUpperCase() === escaped ? separator : whole,
          ),
        ),
    join: (items) => items.map((item) => item.replaceAll('%', '%25').replaceAll(separator, escaped)).join(separator),
  };
}
