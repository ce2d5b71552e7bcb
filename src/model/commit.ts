/** A commit as people see it everywhere: its first 12 characters. */
export function shortCommit(commit: string): string {
  return commit.slice(0, 12);
}
