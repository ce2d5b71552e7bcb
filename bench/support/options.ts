import { parseArgs } from 'node:util';

/** A number given after the name of the benchmark (`npm run bench memory -- --minutes 1`), for shorter trials. */
export function numberOption(name: string, otherwise: number): number {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { [name]: { type: 'string' } },
    strict: true,
  });
  const text = values[name];
  if (typeof text !== 'string') return otherwise;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} ${text} is not a number above 0`);
  return value;
}
