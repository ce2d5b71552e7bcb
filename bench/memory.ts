import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { median, type Report } from './report.ts';
import { residentOf } from './support/cpu.ts';
import { openFixture } from './support/fixture.ts';
import { openRaw } from './support/floor.ts';
import { numberOption } from './support/options.ts';
import { appFiles, slipwayFile, upTo } from './support/small-apps.ts';

const APPS = 1_000;
const MINUTES = 10;
/** Apps that each push changes, in turn, as in a busy repository. */
const SIZES = [1, 10, 0, 100];
const PAUSE_MS = 2_000;
const READ_EVERY_MS = 1_000;
const AIM_MIB = 250;
/** Of the last quarter of the run to the first one. A leak shows as more. */
const MAX_GROWTH = 1.05;
const MIB = 1024 * 1024;

interface Reading {
  /** Seconds after all apps were deployed. */
  at: number;
  residentMib: number;
}

/** Resident memory of one process with a thousand apps and pushes of every size. */
export async function run(log: (line: string) => void): Promise<Report> {
  const minutes = numberOption('minutes', MINUTES);
  // Compiled, as in the image: type stripping costs Node some 40 MiB.
  await promisify(execFile)('npm', ['run', 'build']);
  const fixture = await openFixture(log, { compiled: true });
  try {
    const raw = await openRaw(fixture.sandbox.kubeconfig);
    await raw.send('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'memory' },
    });
    await raw.close();
    const { pid } = await fixture.slipway.start('run');
    log(`idle ${((await residentOf(pid)) / MIB).toFixed(0)} MiB`);
    const clone = await fixture.repository('memory');
    const first = await clone.push(
      { 'slipway.yaml': slipwayFile('memory'), ...appFiles(upTo(APPS), 0) },
      'all',
    );
    await fixture.finalStatus(clone, first.commit, 'production', 600_000);
    log(`${APPS} apps deployed, ${((await residentOf(pid)) / MIB).toFixed(0)} MiB resident`);

    const started = Date.now();
    const until = started + minutes * 60_000;
    const readings: Reading[] = [];
    const timer = setInterval(async () => {
      const residentMib = (await residentOf(pid)) / MIB;
      readings.push({ at: (Date.now() - started) / 1_000, residentMib });
    }, READ_EVERY_MS);
    let pushes = 0;
    for (; Date.now() < until; pushes += 1) {
      const size = SIZES[pushes % SIZES.length] ?? 0;
      const from = (pushes * 37) % (APPS - size);
      const files = appFiles(
        upTo(size).map((index) => from + index),
        pushes + 1,
      );
      const pushed = await clone.push({ ...files, 'docs/notes.md': `${pushes}\n` }, `push ${pushes}`);
      await fixture.finalStatus(clone, pushed.commit, 'production', 120_000);
      if (pushes % 20 === 0) log(`${pushes} pushes, ${readings.at(-1)?.residentMib.toFixed(0)} MiB resident`);
      await sleep(PAUSE_MS);
    }
    clearInterval(timer);
    return reportOf(readings, pushes, minutes);
  } finally {
    await fixture.close();
  }
}

function reportOf(readings: Reading[], pushes: number, minutes: number): Report {
  const quarter = Math.ceil(readings.length / 4);
  const mibs = (some: Reading[]) => some.map(({ residentMib }) => residentMib);
  const first = median(mibs(readings.slice(0, quarter)));
  const last = median(mibs(readings.slice(-quarter)));
  const peak = Math.max(...mibs(readings));
  const growth = last / first;
  return {
    name: 'memory',
    columns: ['first quarter MiB', 'last quarter MiB', 'peak MiB', 'pushes'],
    figures: [
      {
        name: `${APPS} apps, ${minutes} minutes`,
        cells: {
          'first quarter MiB': first.toFixed(0),
          'last quarter MiB': last.toFixed(0),
          'peak MiB': peak.toFixed(0),
          pushes,
        },
      },
    ],
    aims: [
      { text: `${last.toFixed(0)} MiB resident at the end, aim ≤ ${AIM_MIB}`, met: last <= AIM_MIB },
      {
        text: `${growth.toFixed(2)} × from the first to the last quarter, aim ≤ ${MAX_GROWTH}`,
        met: growth <= MAX_GROWTH,
      },
    ],
    data: { minutes, pushes, readings },
  };
}
