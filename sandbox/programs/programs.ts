import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type ProgramName, thisPlatform, UNITS } from './table.ts';
export type Programs = Record<ProgramName, string>;
export async function findPrograms(_log: (line: string) => void): Promise<Programs> {
  const p = thisPlatform();
  const out: Partial<Programs> = {};
  for (const u of UNITS)
    for (const n of u.programs) {
      out[n] = join(homedir(), '.cache/slipway', `${u.name}-${u.version}-${p.os}-${p.arch}`, n);
      await access(out[n]);
    }
  return out as Programs;
}
