import { percentile, type Report } from '../report.ts';
import type { Pushed } from './last-words.ts';
import { type Reading, trendOf } from './readings.ts';

/** Of the last quarter of the time to the second one. A leak shows as more. */
const MAX_GROWTH = 1.1;
const SECOND = 1_000;

interface Outcome {
  minutes: number;
  pushed: Pushed[];
  readings: Reading[];
  /** What is wrong at the end, a line each. */
  faults: string[];
}

/** A line per repository, and the aims: true last words, no queue that grows, flat memory. */
export function reportOf({ minutes, pushed, readings, faults }: Outcome): Report {
  const columns = ['pushes', 'p50 s', 'p95 s', 'most s'];
  const figures = [...Map.groupBy(pushed, ({ actor }) => actor)].map(([actor, commits]) => {
    const seconds = commits
      .flatMap(({ at, endedAt }) => (endedAt === undefined ? [] : [(endedAt - at) / SECOND]))
      .sort((a, b) => a - b);
    const cell = (share: number) => percentile(seconds, share).toFixed(1);
    return {
      name: `${actor.forge} ${actor.repo}`,
      cells: { pushes: commits.length, 'p50 s': cell(0.5), 'p95 s': cell(0.95), 'most s': cell(1) },
    };
  });
  return {
    name: 'soak',
    columns,
    figures,
    aims: [
      {
        text: `${pushed.length} commits in ${minutes} minutes, ${faults.length} without a true last word or a live object: ${faults[0] ?? 'none'}`,
        met: faults.length === 0,
      },
      ...trends(readings),
    ],
    data: { minutes, readings, faults },
  };
}

function trends(readings: Reading[]) {
  const processes = Object.keys(readings[0]?.resident ?? {});
  const memory = [
    ...processes.map((name) => ({ name, of: (one: Reading) => one.resident[name] ?? 0 })),
    { name: 'Redis', of: (one: Reading) => one.redis },
  ].map(({ name, of }) => {
    const { early, late } = trendOf(readings, of);
    return {
      text: `memory of ${name}: ${early.toFixed(0)} MiB in the second quarter, ${late.toFixed(0)} in the last, aim ≤ ${MAX_GROWTH} ×`,
      met: late <= early * MAX_GROWTH,
    };
  });
  const queues = Object.keys(readings.at(-1)?.waiting ?? {}).map((name) => {
    const most = Math.max(...readings.map(({ waiting }) => waiting[name] ?? 0));
    const end = readings.at(-1)?.waiting[name] ?? 0;
    return { text: `${end} jobs wait in ${name} at the end (most ${most}), aim 0`, met: end === 0 };
  });
  return [...memory, ...queues];
}
