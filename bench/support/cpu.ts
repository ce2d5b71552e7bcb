import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Linux counts processor time in ticks of 10 ms: sysconf(_SC_CLK_TCK). */
const TICK_MS = 10;

/**
 * Milliseconds of processor time of a process and its descendants, including children that have ended
 * (proc_pid_stat(5), fields 14 to 17).
 */
export async function cpuOf(pid: number): Promise<number> {
  return sumOf(await treeOf(pid));
}

/** Milliseconds of processor time of the API server and etcd that this process has started. */
export async function controlPlaneCpu(): Promise<number> {
  const tree = await treeOf(process.pid);
  const names = await Promise.all(tree.map(nameOf));
  return sumOf(tree.filter((_, index) => /^(kube-apiserver|etcd)$/.test(names[index] ?? '')));
}

/** Share of one core below which the sandbox counts as idle; at rest it uses a twentieth of this. */
const QUIET_SHARE = 0.15;
const QUIET_INTERVAL_MS = 250;
const QUIET_INTERVALS = 240;

/**
 * Waits until the control plane is idle. Its controllers work on a thousand new Deployments long after the applies have
 * returned, which would count for the next measurement.
 */
export async function untilQuiet(): Promise<void> {
  for (let tries = 0; tries < QUIET_INTERVALS; tries += 1) {
    const before = await cpuOf(process.pid);
    await sleep(QUIET_INTERVAL_MS);
    if (((await cpuOf(process.pid)) - before) / QUIET_INTERVAL_MS < QUIET_SHARE) return;
  }
}

async function sumOf(pids: number[]): Promise<number> {
  const used = await Promise.all(pids.map(ticksOf));
  return used.reduce((sum, ticks) => sum + ticks, 0) * TICK_MS;
}

async function treeOf(pid: number): Promise<number[]> {
  const parents = await parentsOfAll();
  const tree = [pid];
  for (const member of tree) for (const [child, parent] of parents) if (parent === member) tree.push(child);
  return tree;
}

async function nameOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();
}

/** Resident memory of the process in bytes. */
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

/** The fields after the second one, which is the name in brackets and may contain anything. Empty if the process has ended. */
async function fieldsOf(pid: number): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
