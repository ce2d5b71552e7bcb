/** `npm run bench <name>`: runs one benchmark, prints its table and writes bench/results/<name>.json. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Benchmark } from './report.ts';
import { printReport, writeReport } from './report.ts';

/** Files in this folder that are not benchmarks. */
const others = ['main.ts', 'report.ts'];

const [name = ''] = process.argv.slice(2);
const file = join(import.meta.dirname, `${name}.ts`);
if (!/^[\w-]+$/.test(name) || others.includes(`${name}.ts`) || !existsSync(file)) {
  const files = (await readdir(import.meta.dirname)).filter(
    (one) => one.endsWith('.ts') && !others.includes(one),
  );
  const names = files.map((one) => one.slice(0, -'.ts'.length));
  process.stderr.write(`usage: npm run bench <${names.join(' | ')}>\n`);
  process.exit(1);
}

const { run }: { run: Benchmark } = await import(file);
const report = await run((line) => process.stderr.write(`${line}\n`));
printReport(report);
process.stdout.write(`\nwritten to ${await writeReport(report)}\n`);
