/** One step from a sequence to another: ` ` keeps the value, `-` removes it, `+` adds it. */
export interface Edit {
  sign: ' ' | '-' | '+';
  value: string;
}

/** With more edits than this, the whole changed part counts as replaced: nobody reads so many. */
const MAX_EDITS = 400;

/**
 * The shortest edit script from one sequence to the other, removals before additions (E. Myers, "An O(ND) Difference
 * Algorithm and Its Variations", 1986).
 */
export function editsBetween(before: readonly string[], after: readonly string[]): Edit[] {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return [
    ...editsWith(' ', before.slice(0, head)),
    ...changedPart(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...editsWith(' ', before.slice(before.length - tail)),
  ];
}

function editsWith(sign: Edit['sign'], values: readonly string[]): Edit[] {
  return values.map((value) => ({ sign, value }));
}

function changedPart(before: readonly string[], after: readonly string[]): Edit[] {
  const trace = before.length > 0 && after.length > 0 ? searchEdits(before, after) : undefined;
  return trace ? backtrack(before, after, trace) : [...editsWith('-', before), ...editsWith('+', after)];
}

/** For each number of edits, how far each diagonal reaches; undefined if MAX_EDITS are not enough. */
function searchEdits(before: readonly string[], after: readonly string[]): Map<number, number>[] | undefined {
  const trace: Map<number, number>[] = [];
  let reach = new Map([[1, 0]]);
  for (let count = 0; count <= MAX_EDITS; count += 1) {
    trace.push(reach);
    reach = new Map(reach);
    for (let diagonal = -count; diagonal <= count; diagonal += 2) {
      let x = isDown(reach, diagonal, count)
        ? reachOf(reach, diagonal + 1)
        : reachOf(reach, diagonal - 1) + 1;
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x += 1;
      reach.set(diagonal, x);
      if (x >= before.length && x - diagonal >= after.length) return trace;
    }
  }
  return undefined;
}

/** Whether the best path to a diagonal ends with an addition; else it ends with a removal. */
function isDown(reach: Map<number, number>, diagonal: number, count: number): boolean {
  return (
    diagonal === -count || (diagonal !== count && reachOf(reach, diagonal - 1) < reachOf(reach, diagonal + 1))
  );
}

function reachOf(reach: Map<number, number>, diagonal: number): number {
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
    const fromX = reachOf(reach, diagonal);
    const fromY = fromX - diagonal;
    for (; x > fromX && y > fromY; x -= 1, y -= 1) found.push({ sign: ' ', value: before[x - 1] ?? '' });
    if (count === 0) break;
    if (down) found.push({ sign: '+', value: after[y - 1] ?? '' });
    else found.push({ sign: '-', value: before[x - 1] ?? '' });
    [x, y] = [fromX, fromY];
  }
  return found.reverse();
}
