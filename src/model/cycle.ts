/**
 * The first ring that is found along the edges from any of the starts, each name once and in the order of the edges;
 * undefined where there is none. Looks at every name once, and uses no stack of calls: strangers write the edges.
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
  const way = [{ name: start, next: edgesOf(start).values() }];
  const onWay = new Set([start]);
  for (let here = way.at(-1); here; here = way.at(-1)) {
    const { value, done: ended } = here.next.next();
    if (ended) {
      way.pop();
      onWay.delete(here.name);
      done.add(here.name);
    } else if (onWay.has(value)) {
      const names = way.map(({ name }) => name);
      return names.slice(names.indexOf(value));
    } else if (!done.has(value)) {
      way.push({ name: value, next: edgesOf(value).values() });
      onWay.add(value);
    }
  }
  return undefined;
}
