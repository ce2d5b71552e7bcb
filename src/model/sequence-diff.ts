/** One step from a sequence to another: what stays, goes or comes. */
export interface Edit {
  sign: ' ' | '-' | '+';
  value: string;
}

/** More differences than anybody reads: what lies between them is then taken as replaced in whole. */
const mostEdits = 400;

/**
 * The fewest edits that lead from one sequence to the other, removals before additions (E. Myers, "An O(ND) Difference
 * Algorithm and Its Variations", 1986).
 */
export function editsBetween(before: readonly string[], after: readonly string[]): Edit[] {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return [
    ...edits(' ', before.slice(0, head)),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...edits(' ', before.slice(before.length - tail)),
  ];
}

function edits(sign: Edit['sign'], values: readonly string[]): Edit[] {
  return values.map((value) => ({ sign, value }));
}

function middle(before: readonly string[], after: readonly string[]): Edit[] {
  const trace = before.length > 0 && after.length > 0 ? walk(before, after) : undefined;
  return trace ? backtrack(before, after, trace) : [...edits('-', before), ...edits('+', after)];
}

/** How far each diagonal gets with so many edits; undefined where it takes too many. */
function walk(before: readonly string[], after: readonly string[]): Map<number, number>[] | undefined {
  const trace: Map<number, number>[] = [];
  let reach = new Map([[1, 0]]);
  for (let count = 0; count <= mostEdits; count += 1) {
    trace.push(reach);
    reach = new Map(reach);
    for (let diagonal = -count; diagonal <= count; diagonal += 2) {
      let x = isDown(reach, diagonal, count) ? at(reach, diagonal + 1) : at(reach, diagonal - 1) + 1;
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x += 1;
      reach.set(diagonal, x);
      if (x >= before.length && x - diagonal >= after.length) return trace;
    }
  }
  return undefined;
}

/** Whether the best way to a diagonal adds an entry, or removes one. */
function isDown(reach: Map<number, number>, diagonal: number, count: number): boolean {
  return diagonal === -count || (diagonal !== count && at(reach, diagonal - 1) < at(reach, diagonal + 1));
}

function at(reach: Map<number, number>, diagonal: number): number {
  return reach.get(diagonal) ?? -1;
}

function backtrack(
  before: readonly string[],
  after: readonly string[],
  trace: Map<number, number>[],
): Edit[] {
  const found: Edit[] = [];
  let x = before.length;
  let y = after.length;
  for (let count = trace.length - 1; count >= 0; count -= 1) {
    const reach = trace[count] ?? new Map<number, number>();
    const down = isDown(reach, x - y, count);
    const diagonal = down ? x - y + 1 : x - y - 1;
    const fromX = at(reach, diagonal);
    const fromY = fromX - diagonal;
    for (; x > fromX && y > fromY; x -= 1, y -= 1) found.push({ sign: ' ', value: before[x - 1] ?? '' });
    if (count === 0) break;
    if (down) found.push({ sign: '+', value: after[y - 1] ?? '' });
    else found.push({ sign: '-', value: before[x - 1] ?? '' });
    [x, y] = [fromX, fromY];
  }
  return found.reverse();
}
