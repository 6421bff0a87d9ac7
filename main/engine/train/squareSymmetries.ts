/** The eight symmetries of a square picture as pixel maps. */

/** Eight maps for a size × size picture: map[pixel] is where the pixel goes. The first is the identity. */
export function squareSymmetries(size: number): readonly Int32Array[] {
  const last = size - 1;
  const turns: ((row: number, column: number) => [number, number])[] = [
    (row, column) => [row, column],
    (row, column) => [row, last - column],
    (row, column) => [last - row, column],
    (row, column) => [last - row, last - column],
    (row, column) => [column, row],
    (row, column) => [column, last - row],
    (row, column) => [last - column, row],
    (row, column) => [last - column, last - row],
  ];
  return turns.map((turn) =>
    Int32Array.from({ length: size * size }, (_, pixel) => {
      const [row, column] = turn(Math.floor(pixel / size), pixel % size);
      return row * size + column;
    }),
  );
}
