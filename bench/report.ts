import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';

/** One line of a benchmark's table. */
export interface Figure {
  name: string;
  /** Cells by column. */
  cells: Record<string, string | number>;
}

/** A goal, and whether it was met. */
export interface Aim {
  text: string;
  met: boolean;
}

export interface Report {
  name: string;
  columns: string[];
  figures: Figure[];
  aims: Aim[];
  /** All measurements, machine-readable. */
  data: unknown;
}

/** The `run` that every benchmark module exports. */
export type Benchmark = (log: (line: string) => void) => Promise<Report>;

export function printReport({ name, columns, figures, aims }: Report): void {
  const head = [name, ...columns];
  const rows = figures.map((figure) => [
    figure.name,
    ...columns.map((column) => String(figure.cells[column] ?? '')),
  ]);
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => (row[at] ?? '').length)));
  const line = (row: string[]) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ');
  const lines = [styleText('bold', line(head)), ...rows.map(line)];
  const verdicts = aims.map(({ text, met }) =>
    met ? styleText('green', `met: ${text}`) : styleText('red', `missed: ${text}`),
  );
  process.stdout.write(`${[...lines, '', ...verdicts].join('\n')}\n`);
}

/** Writes `bench/results/<name>.json` and returns its path. */
export async function writeReport(report: Report): Promise<string> {
  const folder = join(import.meta.dirname, 'results');
  await mkdir(folder, { recursive: true });
  const machine = {
    processors: cpus().length,
    model: cpus()[0]?.model,
    memoryBytes: totalmem(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
  const file = join(folder, `${report.name}.json`);
  const { name, aims, data } = report;
  await writeFile(
    file,
    `${JSON.stringify({ name, at: new Date().toISOString(), machine, aims, data }, null, 2)}\n`,
  );
  return file;
}

/** The value below which `share` (0 to 1) of the sorted values lie. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: number[]): number {
  return percentile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}
