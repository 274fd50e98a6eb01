/**
 * Pairs rows with columns, each at most once, so that the sum of worths is the greatest there is. `worth` is row-major,
 * `rows` × `columns`; a pair that is worth nothing (0 or less) is never made. Answers each row's column, or -1.
 *
 * The shortest augmenting path method of Jonker and Volgenant ("A shortest augmenting path algorithm for dense and
 * sparse linear assignment problems", 1987) in the rectangular form of Crouse ("On implementing 2D rectangular
 * assignment algorithms", 2016), over the rows and columns that have a pair at all. O(r² c) with r ≤ c of those.
 */
export function bestPairs(rows: number, columns: number, worth: ArrayLike<number>): Int32Array {
  const pairs = new Int32Array(rows).fill(-1);
  const isWorthIt = (row: number, column: number): boolean => (worth[row * columns + column] ?? 0) > 0;
  const usedRows: number[] = [];
  const usedColumns: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (!isWorthIt(row, column)) continue;
      usedRows.push(row);
      break;
    }
  }
  for (let column = 0; column < columns; column++)
    if (usedRows.some((row) => isWorthIt(row, column))) usedColumns.push(column);

  const isWide = usedRows.length <= usedColumns.length;
  const [few, many] = isWide ? [usedRows, usedColumns] : [usedColumns, usedRows];
  // A pair that must not be made costs nothing, as no pair does: it is made to fill up and then left out.
  const cost = (one: number, other: number): number => {
    const row = isWide ? few[one]! : many[other]!;
    const column = isWide ? many[other]! : few[one]!;
    return -Math.max(0, worth[row * columns + column] ?? 0);
  };
  const assigned = cheapest(few.length, many.length, cost);
  for (let one = 0; one < few.length; one++) {
    const other = assigned[one]!;
    const row = isWide ? few[one]! : many[other]!;
    const column = isWide ? many[other]! : few[one]!;
    if (isWorthIt(row, column)) pairs[row] = column;
  }
  return pairs;
}

/** Every one of `few` gets one of `many` (few ≤ many) at the least sum of costs. */
function cheapest(few: number, many: number, cost: (one: number, other: number) => number): Int32Array {
  const priceOfOne = new Float64Array(few);
  const priceOfOther = new Float64Array(many);
  const otherOf = new Int32Array(few).fill(-1);
  const oneOf = new Int32Array(many).fill(-1);
  const distance = new Float64Array(many);
  const cameFrom = new Int32Array(many);
  const isDone = new Uint8Array(many);
  for (let start = 0; start < few; start++) {
    distance.fill(Infinity);
    isDone.fill(0);
    let one = start;
    let reached = 0;
    let end = -1;
    // The shortest way from `start` to one of `many` that is free, over pairs that would change.
    while (end < 0) {
      let nearest = -1;
      for (let other = 0; other < many; other++) {
        if (isDone[other] === 1) continue;
        const length = reached + cost(one, other) - priceOfOne[one]! - priceOfOther[other]!;
        if (length < distance[other]!) {
          distance[other] = length;
          cameFrom[other] = one;
        }
        if (nearest < 0 || distance[other]! < distance[nearest]!) nearest = other;
      }
      reached = distance[nearest]!;
      isDone[nearest] = 1;
      if (oneOf[nearest] === -1) end = nearest;
      else one = oneOf[nearest]!;
    }
    priceOfOne[start]! += reached;
    for (let other = 0; other < many; other++) {
      if (isDone[other] === 0 || other === end) continue;
      priceOfOne[oneOf[other]!]! += reached - distance[other]!;
      priceOfOther[other]! -= reached - distance[other]!;
    }
    for (let other = end; other >= 0;) {
      const from = cameFrom[other]!;
      const before = otherOf[from]!;
      oneOf[other] = from;
      otherOf[from] = other;
      if (from === start) break;
      other = before;
    }
  }
  return otherOf;
}
