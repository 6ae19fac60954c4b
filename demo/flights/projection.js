// The usual map of the United States, Puerto Rico and the Virgin Islands beside it, on 975 × 610 units.

import { geoAlbersUsa, geoConicEqualArea, geoPath } from 'd3-geo';
import { mesh } from 'topojson-client';

const states = geoAlbersUsa().scale(1300).translate([487.5, 305]);
const islands = geoConicEqualArea()
  .rotate([66, 0])
  .center([0, 18.2])
  .parallels([8, 18])
  .scale(1300)
  .translate([900, 560]);

/** Place of an airport on the map: from 0 to 975 and, downwards, from 0 to 610. */
export const project = ({ longitude, latitude }) => states([longitude, latitude]) ?? islands([longitude, latitude]);

const islandCodes = new Set([72, 78]); // Puerto Rico, US Virgin Islands

/** The borders of the states as the text of an SVG path. `topology`: `us-10m.json` of vega-datasets. */
export function outline(topology) {
  const lines = (projection, isWanted) => {
    const geometries = topology.objects.states.geometries.filter(({ id }) => isWanted(Number(id)));
    return geoPath(projection).digits(0)(mesh(topology, { type: 'GeometryCollection', geometries })) ?? '';
  };
  const all = lines(states, (id) => !islandCodes.has(id)) + lines(islands, (id) => islandCodes.has(id));
  // what falls on the point before it adds nothing at this size
  return all.replace(/(-?\d+,-?\d+)(?:L\1(?!\d))+/g, '$1');
}
