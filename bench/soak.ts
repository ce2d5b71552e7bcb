import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { SlipwayProcess } from '../sandbox/slipway/start-slipway.ts';
import type { Report } from './report.ts';
import { type Actor, actors } from './soak/actors.ts';
import { staleApps } from './soak/cluster.ts';
import { fault, type Pushed } from './soak/last-words.ts';
import { type Reading, read } from './soak/readings.ts';
import { reportOf } from './soak/report.ts';
import { openSetting, type Setting } from './soak/setting.ts';
import { numberOption } from './support/options.ts';

const execute = promisify(execFile);
const MINUTES = 30;
/** The forges `limited` and `hanging` work again for this last share of the time. */
const CALM_SHARE = 1 / 4;
const READ_EVERY_MS = 10_000;
/** How long the last statuses may take after the last push: the cluster `away` costs an app's whole timeout. */
const SETTLE_MS = 8 * 60_000;

/** Half an hour of everything that may go wrong around Slipway, while two projects deploy. */
export async function run(log: (line: string) => void): Promise<Report> {
  const minutes = numberOption('minutes', MINUTES);
  await execute('npm', ['run', 'build']);
  const setting = await openSetting(log);
  try {
    const processes: SlipwayProcess[] = [];
    for (const args of [['server'], ['worker', 'intake'], ['worker', 'deploy'], ['worker', 'notify']])
      processes.push(await setting.slipway.start(...args));
    const started = Date.now();
    const readings: Reading[] = [];
    const timer = setInterval(async () => {
      readings.push(await read(started, { ...setting, processes }));
    }, READ_EVERY_MS);
    const pushed = await pushAll(minutes * 60_000, setting, log);
    const faults = await settle(pushed, setting, log);
    clearInterval(timer);
    faults.push(...(await staleApps(pushed, setting)));
    return reportOf({ minutes, pushed, readings, faults });
  } finally {
    await setting.close();
  }
}

/** Pushes to every repository at its own pace until the time is over. */
async function pushAll(ms: number, setting: Setting, log: (line: string) => void): Promise<Pushed[]> {
  const pushed: Pushed[] = [];
  const until = Date.now() + ms;
  await setting.disturb(true);
  const calm = sleep(ms * (1 - CALM_SHARE)).then(() => {
    log('the forges work again');
    return setting.disturb(false);
  });
  await Promise.all([calm, ...actors.map((actor) => pushEvery(actor, until, setting, pushed))]);
  log(`${pushed.length} commits pushed`);
  return pushed;
}

async function pushEvery(actor: Actor, until: number, setting: Setting, pushed: Pushed[]): Promise<void> {
  const forge = setting.forges[actor.forge];
  const { client, face } = forge;
  await client.createRepository(face, actor.repo, { files: { 'README.md': 'A repository of the soak.\n' } });
  await client.addHook(face, actor.repo, {
    url: `${setting.slipway.url}/webhooks/${actor.forge}`,
    secret: setting.slipway.webhookSecret(face),
  });
  for (let number = 0; Date.now() < until; number += 1) {
    const files = number === 0 ? actor.first : actor.push(number);
    const { sha, at } = await client.commit(face, actor.repo, 'main', { files, message: `push ${number}` });
    // The first commit of the hostile repository is a good one.
    if (number > 0) pushed.push({ actor, forge, sha, at, number });
    await sleep(Math.max(0, Math.min(actor.everyMs, until - Date.now())));
  }
}

/** Waits until every commit has the right last word, and returns what is still wrong after the time for it. */
async function settle(pushed: Pushed[], setting: Setting, log: (line: string) => void): Promise<string[]> {
  const until = Date.now() + SETTLE_MS;
  for (;;) {
    const newest = new Map(pushed.map((one) => [one.actor, one]));
    const faults: string[] = [];
    for (const one of pushed) {
      const wrong = await fault(one, newest.get(one.actor) === one, setting.sandbox.dir);
      if (wrong !== undefined) faults.push(wrong);
    }
    if (faults.length === 0 || Date.now() > until) return faults;
    log(`${faults.length} commits without their last word, such as ${faults[0]}`);
    await sleep(READ_EVERY_MS);
  }
}
