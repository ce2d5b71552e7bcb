import type { Desired } from '../model/release.ts';
import type { ReleaseEnd } from '../ports/releases.ts';

/** No commit supersedes a release if the newer revision is one more deploy of its commit. */
export function supersededEnd(commit: string, newest: Desired | undefined): ReleaseEnd {
  if (!newest?.carried.includes(commit)) return { state: 'superseded', supersededBy: newest?.commit };
  const summary = 'another release of the same commit was requested';
  return { state: 'superseded', notices: [{ kind: 'repeated', summary }] };
}
