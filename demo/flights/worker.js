// The work of the flights page, off its main thread: decodes the file, keeps the columns, counts.

import { decompress } from 'fzstd';
import { parquetMetadata, parquetRead } from 'hyparquet';
import { createColumns, DISTANCE_STEP, summarise } from './columns.js';
import { parseCsv } from './csv.js';
import { project } from './projection.js';

let kept;

const work = {
  async decode({ url, airports }, progress) {
    const [places, parquet] = await Promise.all([
      fetchBytes(airports).then((bytes) => parseCsv(new TextDecoder().decode(bytes))),
      fetchBytes(url, (part) => progress('Downloading', part * 0.15)),
    ]);
    return decode(parquet.buffer, places, (part) => progress('Decoding', 0.15 + part * 0.85));
  },
  keep(columns) {
    kept = columns;
  },
  summarise: (filters) => summarise(kept, filters),
};

/** Row group by row group, so that only one of them at a time is spread out as an array of objects. */
async function decode(file, places, progress) {
  const metadata = parquetMetadata(file);
  const rows = Number(metadata.num_rows);
  const columns = createColumns(rows);
  const codes = new Map();
  const start = Date.UTC(2001, 0, 1);
  const codeOf = (name) => {
    let code = codes.get(name);
    if (code === undefined) codes.set(name, (code = codes.size));
    return code;
  };
  const write = {
    date(i, milliseconds) {
      const hours = Math.floor((milliseconds - start) / 3_600_000);
      columns.date[i] = Math.floor(hours / 24);
      columns.hour[i] = hours % 24;
    },
    delay: (i, minutes) => (columns.delay[i] = Number(minutes)),
    distance: (i, miles) => (columns.distance[i] = Math.ceil(Number(miles) / DISTANCE_STEP)),
    origin: (i, name) => (columns.origin[i] = codeOf(name)),
  };
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    await parquetRead({
      file,
      metadata,
      rowStart,
      rowEnd,
      columns: Object.keys(write),
      compressors: { ZSTD: (input, length) => decompress(input, new Uint8Array(length)) },
      parsers: { timestampFromMicroseconds: (micros) => Number(micros) / 1000 },
      onChunk({ columnName, columnData, rowStart: first }) {
        for (let i = 0; i < columnData.length; i++) write[columnName](first + i, columnData[i]);
      },
    });
    rowStart = rowEnd;
    progress(rowStart / rows);
  }
  if (codes.size > 256) throw new RangeError(`${codes.size} airports do not fit into one byte.`);
  const byCode = new Map(places.map((place) => [place.iata, place]));
  columns.airports = [...codes.keys()].map((code) => {
    const { name, city, state, latitude, longitude } = byCode.get(code);
    const [x, y] = project({ latitude: Number(latitude), longitude: Number(longitude) });
    return { code, name, city, state, x, y };
  });
  return columns;
}

async function fetchBytes(url, progress = () => {}) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${new URL(url).pathname} answered ${response.status}.`);
  const length = Number(response.headers.get('content-length')) || 0;
  const parts = [];
  let done = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { value } = await reader.read();
    if (!value) break;
    parts.push(value);
    done += value.length;
    if (length) progress(Math.min(1, done / length));
  }
  const bytes = new Uint8Array(done);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const buffersOf = (value) =>
  Object.values(value ?? {})
    .filter(ArrayBuffer.isView)
    .map(({ buffer }) => buffer);

self.onmessage = async ({ data: { id, name, argument } }) => {
  try {
    const result = await work[name](argument, (step, part) => self.postMessage({ id, step, part }));
    self.postMessage({ id, result }, buffersOf(result));
  } catch (error) {
    self.postMessage({ id, error });
  }
};
