// The plots of the flights page: uPlot in the colours of the page's theme. Each answers `show(data, label)`.

const { context } = tabstate;

const probe = document.createElement('span');

/** The colours of style.css as they are now: variables are not resolved until something is painted with them. */
function colours() {
  document.body.append(probe);
  const entries = [
    'text',
    'muted',
    'card',
    'line-strong',
    'plot-1',
    'plot-2',
    'plot-3',
    'plot-grid',
    'late-1',
    'late-2',
    'late-3',
    'late-4',
  ];
  const result = Object.fromEntries(
    entries.map((name) => {
      probe.style.color = `var(--${name})`;
      return [name, getComputedStyle(probe).color];
    }),
  );
  probe.remove();
  return result;
}

/**
 * A plot that fills `element`, follows its size and the theme, and is made when it has data and is near sight or printed.
 *
 * @param {HTMLElement} element
 * @param {(colours: Record<string, string>) => object} describe uPlot's options without width and height
 */
export function chart(element, describe) {
  let plot;
  let data;
  let isNear = false;
  const size = () => ({ width: element.clientWidth, height: element.clientHeight });
  const draw = () => {
    plot?.destroy();
    plot = new uPlot({ legend: { show: false }, ...describe(colours()), ...size() }, data, element);
  };
  new ResizeObserver(() => plot?.setSize(size())).observe(element);
  context.subscribe('theme', () => plot && draw());
  const come = () => {
    if (isNear) return;
    sight.disconnect();
    isNear = true;
    if (data) draw();
  };
  const sight = new IntersectionObserver((entries) => entries.at(-1).isIntersecting && come(), { rootMargin: '50%' });
  sight.observe(element);
  addEventListener('beforeprint', come);
  return {
    show(next, label) {
      data = next;
      element.ariaLabel = label;
      if (plot) plot.setData(data);
      else if (isNear) draw();
    },
  };
}

const font = '12px system-ui, "DejaVu Sans", sans-serif';
const compact = new Intl.NumberFormat('en', { notation: 'compact' });

const axis = (colour, more) => ({
  stroke: colour.muted,
  font,
  grid: { stroke: colour['plot-grid'], width: 1 },
  ticks: { show: false },
  ...more,
});

const fromZero = { range: (_plot, _low, high) => [0, (high || 1) * 1.05] };

/** Tells `say` the index under the pointer, and null when it is gone. */
const follow = (say) => ({ setCursor: [({ cursor: { idx } }) => say(idx ?? null)] });

const still = { drag: { x: false, y: false }, points: { show: false }, y: false };
const ordinal = { time: false, range: (_plot, low, high) => [low - 0.5, high + 0.5] };

/** Bars side by side: `x` is 0, 1, 2, …; `name(x)` stands below, `amount(y)` beside them. `say` hears of the pointer. */
export const bars = (
  element,
  { name, amount = compact.format, every = [1, 2, 5, 10, 20], width = 0.84, y = fromZero, marks, say = () => {} },
) =>
  chart(element, (colour) => ({
    scales: { x: ordinal, y },
    axes: [
      axis(colour, { size: 30, grid: { show: false }, incrs: every, values: (_plot, marks) => marks.map(name) }),
      axis(colour, { size: 56, values: (_plot, at) => at.map(amount), ...(marks && { splits: () => marks }) }),
    ],
    series: [
      {},
      { fill: colour['plot-1'], width: 0, paths: uPlot.paths.bars({ size: [width, 120] }), points: { show: false } },
    ],
    cursor: still,
    hooks: follow(say),
  }));

/** Flights as bars or an area, and the share of late ones as a line with its own scale on the right. */
export const lateness = (element, { x, area = false, say }) =>
  chart(element, (colour) => ({
    padding: [8, 0, 0, 0],
    scales: {
      x: x.time ? { time: true } : ordinal,
      y: fromZero,
      share: { range: (_plot, _low, high) => [0, Math.max(40, high)] },
    },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'UTC'),
    axes: [
      axis(colour, { size: 30, grid: { show: false }, ...x.axis }),
      axis(colour, { size: 48, values: (_plot, marks) => marks.map((n) => compact.format(n)) }),
      axis(colour, {
        side: 1,
        size: 48,
        scale: 'share',
        grid: { show: false },
        values: (_plot, marks) => marks.map((n) => `${n} %`),
      }),
    ],
    series: [
      {},
      {
        ...(area
          ? { stroke: colour['plot-1'], fill: colour['plot-grid'], width: 1.5 }
          : { fill: colour['plot-1'], width: 0, paths: uPlot.paths.bars({ size: [0.84, 60] }) }),
        points: { show: false },
      },
      { scale: 'share', stroke: colour['plot-2'], width: 2, points: { show: false } },
    ],
    cursor: still,
    hooks: follow(say),
  }));

const sizes = [5, 9, 14, 20];

/** The size of projection.js's map. */
const area = [975, 610];

/**
 * Airports as points over an outline of the country: larger with more flights, four colours for the share of late ones, a
 * ring around the chosen one.
 *
 * The data of `show` are x, sorted, one series of y for each of 4 sizes × 4 colours, and one for the chosen airport.
 */
export const map = (element, { outline, say, pick }) =>
  chart(element, (colour) => {
    // equal lengths in both directions, and all of the map inside
    const range = (side) => (plot) => {
      const unit = Math.min(plot.width / area[0], plot.height / area[1]) * 0.97;
      const half = [plot.width, plot.height][side] / unit / 2;
      return side ? [-area[1] / 2 - half, -area[1] / 2 + half] : [area[0] / 2 - half, area[0] / 2 + half];
    };
    const nearest = (plot) => {
      const { left, top } = plot.cursor;
      let best = null;
      let least = 24 ** 2; // pixels
      for (let i = 0; i < plot.data[0].length; i++) {
        const y = plot.data.slice(1).find((ys) => ys[i] !== null)?.[i];
        if (y === undefined) continue;
        const distance = (plot.valToPos(plot.data[0][i], 'x') - left) ** 2 + (plot.valToPos(y, 'y') - top) ** 2;
        if (distance < least) [best, least] = [i, distance];
      }
      return best;
    };
    const drawOutline = (plot) => {
      const [left, right, top] = [
        plot.valToPos(0, 'x', true),
        plot.valToPos(1, 'x', true),
        plot.valToPos(0, 'y', true),
      ];
      const scale = right - left;
      plot.ctx.save();
      plot.ctx.transform(scale, 0, 0, scale, left, top);
      plot.ctx.lineWidth = 1 / scale;
      plot.ctx.lineJoin = 'round';
      plot.ctx.strokeStyle = colour['line-strong'];
      plot.ctx.globalAlpha = 0.45;
      plot.ctx.stroke(outline);
      plot.ctx.restore();
    };
    const points = (more) => ({ paths: () => null, points: { show: true, width: 1, stroke: colour.card, ...more } });
    return {
      padding: [0, 0, 0, 0],
      scales: { x: { time: false, range: range(0) }, y: { range: range(1) } },
      axes: [{ show: false }, { show: false }],
      series: [
        {},
        ...sizes.flatMap((size) => [1, 2, 3, 4].map((late) => points({ size, fill: colour[`late-${late}`] }))),
        points({ size: 28, width: 3, stroke: colour.text, fill: '#0000' }),
      ],
      cursor: { ...still, x: false },
      hooks: {
        drawAxes: [drawOutline],
        setCursor: [(plot) => say(plot.cursor.left < 0 ? null : nearest(plot))],
        ready: [(plot) => plot.over.addEventListener('click', () => pick(nearest(plot)))],
      },
    };
  });

/** Which of the 16 series an airport belongs to, from 0. */
export function pointClass(flights, most, lateShare) {
  const size = flights > most / 3 ? 3 : flights > most / 10 ? 2 : flights > most / 50 ? 1 : 0;
  const late = lateShare < 0.15 ? 0 : lateShare < 0.2 ? 1 : lateShare < 0.25 ? 2 : 3;
  return size * 4 + late;
}
