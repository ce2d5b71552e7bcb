import type { Redis } from 'ioredis';
import type { SandboxSlipway, SlipwayProcess } from '../../sandbox/slipway/start-slipway.ts';
import { median } from '../report.ts';
import { residentOf } from '../support/cpu.ts';

const MIB = 1024 * 1024;

/** Memory and queues at one moment. */
export interface Reading {
  /** Seconds since the start. */
  at: number;
  /** Resident MiB by process. */
  resident: Record<string, number>;
  /** MiB that Redis uses for its data. */
  redis: number;
  /** Jobs that wait, by queue. */
  waiting: Record<string, number>;
}

export async function read(
  started: number,
  { slipway, processes, redis }: { slipway: SandboxSlipway; processes: SlipwayProcess[]; redis: Redis },
): Promise<Reading> {
  const resident = await Promise.all(
    processes.map(async ({ args, pid }) => [args.join(' '), (await residentOf(pid)) / MIB] as const),
  );
  const used = /used_memory:(\d+)/.exec(await redis.info('memory'))?.[1];
  return {
    at: (Date.now() - started) / 1_000,
    resident: Object.fromEntries(resident),
    redis: Number(used) / MIB,
    waiting: await waitingJobs(slipway),
  };
}

async function waitingJobs({ opsUrl }: SandboxSlipway): Promise<Record<string, number>> {
  const text = await (await fetch(`${opsUrl}/metrics`)).text();
  const waiting: Record<string, number> = {};
  for (const [, labels = '', value] of text.matchAll(/^slipway_jobs\{(.*)\} (\d+)/gm)) {
    const queue = /queue="([^"]+)"/.exec(labels)?.[1] ?? '';
    if (/state="waiting"/.test(labels)) waiting[queue] = (waiting[queue] ?? 0) + Number(value);
  }
  return waiting;
}

/** The medians of a series in the second and the last quarter of the time: the first quarter fills caches. */
export function trendOf(
  readings: Reading[],
  of: (reading: Reading) => number,
): { early: number; late: number } {
  const quarter = Math.ceil(readings.length / 4);
  return {
    early: median(readings.slice(quarter, 2 * quarter).map(of)),
    late: median(readings.slice(-quarter).map(of)),
  };
}
