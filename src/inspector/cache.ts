import { bytesText, h, table } from './dom.js';
import { instances, type Panel, redrawn } from './page.js';

export const cachePanel: Panel = {
  title: 'Cache',
  render(root) {
    const { cacheData, cacheResource } = instances();
    const draw = async (): Promise<void> => {
      const rows = [...((await cacheData?.info()) ?? []), ...(cacheResource?.info() ?? [])];
      root.replaceChildren(
        table(
          'Functions',
          ['Function', 'Entries', 'Size', 'Hits', 'Misses'],
          rows.map(({ name, entries, bytes, hits, misses }) => [name, entries, bytesText(bytes), hits, misses]),
        ),
        h('p', {}),
      );
    };
    const { again, stop } = redrawn(() => void draw());
    const timer = setInterval(again, 1000);
    return () => {
      clearInterval(timer);
      stop();
    };
  },
};
