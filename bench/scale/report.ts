import { median, type Report } from '../report.ts';

const AIM = 0.9;
/** Redis commands a release, relative to one worker. More would mean that each worker costs Redis commands. */
const MAX_COMMAND_RATIO = 1.15;

export interface Round {
  workers: number;
  /** Added in front of the API server. */
  latencyMs: number;
  /** Milliseconds from the start of the first release to the end of the last one. */
  ms: number;
  /** Milliseconds of a bare client for as many requests, with as many in flight as all workers have together. */
  bareMs: number;
  /** Redis commands a release, including those within scripts. */
  commands: number;
  /** Releases by worker process. */
  shares: number[];
  /** Milliseconds of processor time from the push to the last status: of all processes, of API server and etcd, of deploy workers. */
  cpu: { all: number; server: number; workers: number };
  /** The used share of the machine's cores, 0 to 1. */
  busy: number;
}

type Medians = Omit<Round, 'shares'>;

/** Medians of the rounds with one latency and number of workers, compared with one worker. */
interface Line extends Medians {
  ofLinear: number;
  bareOfLinear: number;
  /** Relative to one worker. */
  commandRatio: number;
}

export function reportOf(rounds: Round[], setting: { apps: number; requestsPerWorker: number }): Report {
  const lines = linesOf(rounds);
  const [near] = lines;
  const more = lines.filter(({ workers }) => workers > 1);
  const most = Math.max(...more.map(({ commandRatio }) => commandRatio));
  return {
    name: 'scale',
    columns: Object.keys(near ? cellsOf(near, setting.apps) : {}),
    figures: lines.map((line) => ({
      name: `${line.latencyMs} ms, ${line.workers} workers`,
      cells: cellsOf(line, setting.apps),
    })),
    aims: [
      ...more.map(({ workers, latencyMs, ofLinear, bareOfLinear }) => ({
        text: `${workers} workers, ${latencyMs} ms: ${ofLinear.toFixed(2)} of linear (a bare client: ${bareOfLinear.toFixed(2)}), aim ≥ ${AIM}`,
        met: ofLinear >= AIM,
      })),
      {
        text: `Redis commands a release do not grow with the workers: at most ${most.toFixed(2)} × those of one`,
        met: most <= MAX_COMMAND_RATIO,
      },
    ],
    data: { ...setting, rounds },
  };
}

function linesOf(rounds: Round[]): Line[] {
  const groups = Map.groupBy(rounds, ({ latencyMs, workers }) => `${latencyMs} ${workers}`);
  const lines = [...groups.values()].map(mediansOf);
  const sorted = lines.toSorted((a, b) => a.latencyMs - b.latencyMs || a.workers - b.workers);
  return sorted.map((line) => {
    const one = sorted.find(({ latencyMs }) => latencyMs === line.latencyMs) ?? line;
    return {
      ...line,
      ofLinear: one.ms / line.ms / line.workers,
      bareOfLinear: one.bareMs / line.bareMs / line.workers,
      commandRatio: line.commands / one.commands,
    };
  });
}

function mediansOf(rounds: Round[]): Medians {
  const of = (value: (round: Round) => number) => median(rounds.map(value));
  return {
    workers: of(({ workers }) => workers),
    latencyMs: of(({ latencyMs }) => latencyMs),
    ms: of(({ ms }) => ms),
    bareMs: of(({ bareMs }) => bareMs),
    commands: of(({ commands }) => commands),
    cpu: {
      all: of(({ cpu }) => cpu.all),
      server: of(({ cpu }) => cpu.server),
      workers: of(({ cpu }) => cpu.workers),
    },
    busy: of(({ busy }) => busy),
  };
}

function cellsOf(line: Line, apps: number): Record<string, string> {
  const seconds = (ms: number) => (ms / 1_000).toFixed(1);
  return {
    ms: line.ms.toFixed(0),
    'releases/s': ((apps * 1_000) / line.ms).toFixed(1),
    'of linear': line.ofLinear.toFixed(2),
    'bare ms': line.bareMs.toFixed(0),
    'bare of linear': line.bareOfLinear.toFixed(2),
    'CPU s': seconds(line.cpu.all),
    'API server s': seconds(line.cpu.server),
    'workers s': seconds(line.cpu.workers),
    busy: line.busy.toFixed(2),
    'Redis commands': line.commands.toFixed(0),
  };
}
