// Tables in columns, such as a query of a database gives.
export type Columns = Float64Array<ArrayBuffer>[];

/** A table of four columns of numbers, 32 bytes a row. */
export const columnsOf = (rows: number): Columns =>
  Array.from({ length: 4 }, (_, at) => {
    const column = new Float64Array(rows);
    for (let i = 0; i < rows; i++) column[i] = i * (at + 1.1);
    return column;
  });
