import type { TargetId } from '../model/target.ts';
import type { ReleasePorts } from './ports.ts';

/** Names what a deploy of the target would work on: its desired revision; empty: there is none. */
export async function desiredWork(
  target: TargetId,
  { releases }: Pick<ReleasePorts, 'releases'>,
): Promise<string> {
  return String((await releases.record(target))?.desired?.revision ?? '');
}
