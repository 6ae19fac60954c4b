/** A line of samples, drawn to fill its box; `most` is the value at the upper edge. */
export function sparkline(samples: number[], most: number, label: string): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 100 20');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
  const step = samples.length > 1 ? 100 / (samples.length - 1) : 0;
  const points = samples.map(
    (sample, i) => `${(i * step).toFixed(2)},${(19 - (18 * sample) / (most || 1)).toFixed(2)}`,
  );
  line.setAttribute('points', points.join(' '));
  line.setAttribute('vector-effect', 'non-scaling-stroke');
  svg.append(line);
  return svg;
}
