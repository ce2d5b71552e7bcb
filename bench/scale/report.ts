import { median, type Report } from '../report.ts';

const AIM = 0.9;
/** More of them for more workers would mean that workers cost Redis something a release. */
const MOST_MORE_COMMANDS = 1.15;

export interface Round {
  workers: number;
  /** Put in front of the API server. */
  latencyMs: number;
  /** From the first release's start to the last one's end. */
  ms: number;
  /** As many requests by a bare client, with as many in flight as all workers have together. */
  bareMs: number;
  /** Redis commands a release, those inside of scripts counted too. */
  commands: number;
  /** Releases by worker process. */
  shares: number[];
  /** Milliseconds of processor time from the push to the last status: of everything, API server and etcd, deploy workers. */
  cpu: { all: number; server: number; workers: number };
  /** The share of the machine's cores that was used by it. */
  busy: number;
}

type Medians = Omit<Round, 'shares'>;

/** The rounds of one setting and number of workers, as medians, beside those of one worker. */
interface Line extends Medians {
  ofLinear: number;
  bareOfLinear: number;
  /** Than with one worker. */
  moreCommands: number;
}

export function reportOf(rounds: Round[], setting: { apps: number; requestsPerWorker: number }): Report {
  const lines = linesOf(rounds);
  const [near] = lines;
  const more = lines.filter(({ workers }) => workers > 1);
  const most = Math.max(...more.map(({ moreCommands }) => moreCommands));
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
        met: most <= MOST_MORE_COMMANDS,
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
      moreCommands: line.commands / one.commands,
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
