/** The rows of a CSV text (RFC 4180: quotes, doubled quotes, line breaks inside quotes) as objects of texts. */
export function parseCsv(text) {
  const rows = [[]];
  const field = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/gy;
  for (let match = field.exec(text); match; match = field.exec(text)) {
    const [all, value, end] = match;
    rows.at(-1).push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    if (end !== ',' && end !== '') rows.push([]);
    if (end === '' || all === '') break;
  }
  const [head, ...body] = rows.filter((row) => row.length > 1 || row[0] !== '');
  return body.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i]])));
}
