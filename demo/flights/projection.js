// The usual map of the United States: an equal-area cone for the 48 states, Alaska, Hawaii and the Caribbean beside it.

const radians = Math.PI / 180;

/** A cone between two parallels, seen from `center`; `at`, `scale`: where and how large it stands on the map. */
function cone(parallels, [longitude, latitude], at = [0, 0], scale = 1) {
  const [south, north] = parallels.map((degrees) => Math.sin(degrees * radians));
  const n = (south + north) / 2;
  const c = 1 + south * (2 * n - south);
  const plain = (lon, lat) => {
    const radius = Math.sqrt(c - 2 * n * Math.sin(lat * radians)) / n;
    const angle = n * (lon - longitude) * radians;
    return [radius * Math.sin(angle), -radius * Math.cos(angle)];
  };
  const middle = plain(longitude, latitude);
  return (lon, lat) => plain(lon, lat).map((value, i) => at[i] + scale * (value - middle[i]));
}

const states = cone([29.5, 45.5], [-96, 38.7]);
const inserts = {
  AK: cone([55, 65], [-152, 60], [-0.32, -0.215], 0.35),
  HI: cone([8, 18], [-157.5, 20.5], [-0.175, -0.235]),
  PR: cone([8, 18], [-66, 18.2], [0.36, -0.22]),
  VI: cone([8, 18], [-66, 18.2], [0.36, -0.22]),
};

/** Place on the map, about -0.45 to 0.45 and -0.27 to 0.25. */
export const project = ({ state, longitude, latitude }) => (inserts[state] ?? states)(longitude, latitude);
