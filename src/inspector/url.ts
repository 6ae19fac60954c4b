// The inspector's panel of the URL's parameters.
import { button, h, preview, redraw, table, typeText } from './dom.js';
import { instances, type Panel, redrawn } from './page.js';

/** What a codec makes of the texts: `2, number; default 1`. */
function readAs(value: unknown, initial: unknown): string {
  const read = value == null ? 'nothing' : `${preview(value, 40)}, ${typeText(value)}`;
  return initial == null ? read : `${read}; default ${preview(initial, 40)}`;
}

export const urlPanel: Panel = {
  title: 'URL',
  render(root) {
    const { queryParams, queryParamsPage: page } = instances();
    if (!queryParams) {
      root.replaceChildren(h('p', {}, 'queryParams is not used on this page.'));
      return () => {};
    }
    const draw = (): void => {
      const codecs = page?.search?.typed;
      // also those that have their default, which is not in the URL
      const keys = new Set([...queryParams].map(([key]) => key).concat([...(codecs?.keys() ?? [])]));
      const query = queryParams.toString();
      const isPending = query !== location.search.slice(1);
      const rows = [...keys].map((key) => {
        const typed = codecs?.get(key);
        return [
          key,
          queryParams.getAll(key).join(' · '),
          typed ? readAs(typed.of(page?.search?.all().get(key)), typed.default) : 'text',
          queryParams.has(key) && button('Delete', `Delete ${key}`, () => void queryParams.delete(key)),
        ];
      });
      redraw(
        root,
        h('p', {}, isPending ? 'A write waits for its turn.' : 'The address bar is up to date.'),
        table('Parameters', ['Key', 'Values', 'Read as', 'Actions'], rows),
        h('p', { className: 'quiet' }, `${query.length} characters of query`),
        page ? h('p', {}, `${page.bucket.left(performance.now())} writes may go out at once.`) : '',
      );
    };
    const { again, stop } = redrawn(draw);
    const off = queryParams.subscribe(again);
    const timer = setInterval(again, 1000); // a write that waits is not a change
    return () => {
      off();
      clearInterval(timer);
      stop();
    };
  },
};
