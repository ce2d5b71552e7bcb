/** Whether the arguments of a test run may select a test that needs the sandbox: every test outside test/unit may. */
export function needsSandbox(args: readonly string[]): boolean {
  if (
    args.some((arg, index) => arg === '--project=unit' || (arg === 'unit' && args[index - 1] === '--project'))
  ) {
    return false;
  }
  const filters = args.filter((arg) => !arg.startsWith('-'));
  return filters.length === 0 || !filters.every((filter) => /^(\.\/)?test\/unit(\/|$)/.test(filter));
}
