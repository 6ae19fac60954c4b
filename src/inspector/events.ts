// The inspector's timeline of the last events.
import { button, h, redraw, table } from './dom.js';
import { type Panel, redrawn, rowsAtOnce } from './page.js';

const timeOf = (at: number): string => new Date(at).toLocaleTimeString(undefined, { hour12: false });

/** The last things that happened, here and in other tabs. */
export const eventsPanel: Panel = {
  title: 'Events',
  render(root, { happenings, onHappening }) {
    const draw = (): void => {
      const rows = happenings
        .slice(0, rowsAtOnce)
        .map(({ at, tab, what, name, times }) => [timeOf(at), tab, times > 1 ? `${what} × ${times}` : what, name]);
      const empty = button('Empty', 'Empty the list of events', () => {
        happenings.length = 0;
        draw();
      });
      redraw(
        root,
        rows.length > 0
          ? table('Last events', ['Time', 'Tab', 'Event', 'Of'], rows)
          : h('p', {}, 'Nothing has happened yet. What other tabs do to cached functions is shown, too.'),
        rows.length > 0 ? empty : '',
      );
    };
    const { again, stop } = redrawn(draw);
    const off = onHappening(again);
    return () => {
      off();
      stop();
    };
  },
};
