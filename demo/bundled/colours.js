// The colours of code, which are those of the site's blocks: in the editor, and in what the build writes in its place.
import { tags } from '@lezer/highlight';

export const colours = [
  { tag: tags.comment, color: 'var(--code-comment)', class: 'hljs-comment' },
  {
    tag: [tags.string, tags.attributeValue, tags.regexp],
    color: 'var(--code-text)',
    class: 'hljs-string',
  },
  {
    tag: [tags.keyword, tags.tagName, tags.operatorKeyword],
    color: 'var(--code-word)',
    class: 'hljs-keyword',
  },
  {
    tag: [tags.number, tags.bool, tags.null, tags.attributeName],
    color: 'var(--code-number)',
    class: 'hljs-number',
  },
];
