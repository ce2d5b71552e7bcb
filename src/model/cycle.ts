/**
 * The first dependency cycle that is reachable from `starts`, each name once and in the order of the edges; undefined if
 * there is none. Visits every name once and does not recurse, because the edges come from untrusted repositories.
 */
export function findCycle(
  starts: Iterable<string>,
  edgesOf: (name: string) => readonly string[],
): string[] | undefined {
  const done = new Set<string>();
  for (const start of starts) {
    const cycle = done.has(start) ? undefined : cycleFrom(start, done, edgesOf);
    if (cycle) return cycle;
  }
  return undefined;
}

function cycleFrom(
  start: string,
  done: Set<string>,
  edgesOf: (name: string) => readonly string[],
): string[] | undefined {
  const path = [{ name: start, next: edgesOf(start).values() }];
  const onPath = new Set([start]);
  for (let current = path.at(-1); current; current = path.at(-1)) {
    const { value, done: exhausted } = current.next.next();
    if (exhausted) {
      path.pop();
      onPath.delete(current.name);
      done.add(current.name);
    } else if (onPath.has(value)) {
      const names = path.map(({ name }) => name);
      return names.slice(names.indexOf(value));
    } else if (!done.has(value)) {
      path.push({ name: value, next: edgesOf(value).values() });
      onPath.add(value);
    }
  }
  return undefined;
}
