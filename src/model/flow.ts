/** From here on an index has as many digits as matter: pushes of a hundred targets share a flow with those of a thousand. */
const MOST_DIGITS = 3;

/**
 * The flow of a job: work of one project that is done in order, while flows take turns. A push is split by the index
 * within it: its first target, the next nine, the next ninety, and all others. So a push of one app never waits behind
 * one of a thousand, and neither does another project. Ends with the number of the flow in its project: in each round,
 * those with a lower one come first.
 *
 * @param project undefined: work for repositories that belong to no project, which share flows
 */
export function flowOf(project: string | undefined, index = 0): string {
  const digits = index === 0 ? 0 : String(index).length;
  return `${project ?? ''}/${Math.min(digits, MOST_DIGITS)}`;
}
