import { button, h, table } from './dom.js';
import { instances, type Panel, redrawn } from './page.js';

export const urlPanel: Panel = {
  title: 'URL',
  render(root) {
    const { queryParams, queryParamsPage } = instances();
    if (!queryParams) {
      root.replaceChildren(h('p', {}, 'queryParams is not used on this page.'));
      return () => {};
    }
    const draw = (): void => {
      const keys = [...queryParams].map(([key]) => key);
      const query = queryParams.toString();
      const isPending = query !== location.search.slice(1);
      const remove = (key: string) => button('Delete', `Delete ${key}`, () => void queryParams.delete(key));
      root.replaceChildren(
        h('p', {}, isPending ? 'A write waits for its turn.' : 'The address bar is up to date.'),
        table(
          'Parameters',
          ['Key', 'Values', 'Actions'],
          keys.map((key) => [key, queryParams.getAll(key).join(' · '), remove(key)]),
        ),
        h('p', { className: 'quiet' }, `${query.length} characters of query`),
        queryParamsPage
          ? h('p', {}, `${queryParamsPage.bucket.left(performance.now())} writes may go out at once.`)
          : '',
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
