import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Linux counts processor time in ticks of a hundredth of a second: sysconf(_SC_CLK_TCK). */
const TICK_MS = 10;

/**
 * Milliseconds of processor time that a process and everything it ever started have used: its own, that of
 * its children that ended, and that of those that still run (proc_pid_stat(5), fields 14 to 17).
 */
export async function cpuOf(pid: number): Promise<number> {
  return sumOf(await familyOf(pid));
}

/** That of the API server and etcd that this process has started. */
export async function controlPlaneCpu(): Promise<number> {
  const family = await familyOf(process.pid);
  const names = await Promise.all(family.map(nameOf));
  return sumOf(family.filter((_, index) => /^(kube-apiserver|etcd)$/.test(names[index] ?? '')));
}

/** At rest the whole sandbox takes a twentieth of this. */
const QUIET_SHARE = 0.15;
const QUIET_LOOK_MS = 250;
const QUIET_TRIES = 240;

/**
 * Waits until what was measured before has ended inside of the control plane too: its controllers go on with a
 * thousand new Deployments long after the applies were answered, and would be counted to whoever comes next.
 */
export async function untilQuiet(): Promise<void> {
  for (let tries = 0; tries < QUIET_TRIES; tries += 1) {
    const before = await cpuOf(process.pid);
    await sleep(QUIET_LOOK_MS);
    if (((await cpuOf(process.pid)) - before) / QUIET_LOOK_MS < QUIET_SHARE) return;
  }
}

async function sumOf(pids: number[]): Promise<number> {
  const used = await Promise.all(pids.map(ticksOf));
  return used.reduce((sum, ticks) => sum + ticks, 0) * TICK_MS;
}

async function familyOf(pid: number): Promise<number[]> {
  const parents = await parentsOfAll();
  const family = [pid];
  for (const member of family)
    for (const [child, parent] of parents) if (parent === member) family.push(child);
  return family;
}

async function nameOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();
}

/** Bytes that the process holds in memory now. */
export async function residentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

async function parentsOfAll(): Promise<Map<number, number>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const entries = await Promise.all(
    pids.map(async (pid) => [pid, Number((await fieldsOf(pid))[1])] as const),
  );
  return new Map(entries);
}

async function ticksOf(pid: number): Promise<number> {
  const fields = await fieldsOf(pid);
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
}

/** Fields from the third on: the second is the name in brackets and may hold anything. Empty: it has ended. */
async function fieldsOf(pid: number): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
