/** Standard output, for a person or (with `--json`) for a program. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Standard error, for what is no result. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Environment of every command that talks to the server, at the end of its help. */
export const environmentHelp = `
Environment:
  SLIPWAY_URL    address of the server (default: http://127.0.0.1:8080)
  SLIPWAY_TOKEN  one of api.tokens of server.yaml`;
