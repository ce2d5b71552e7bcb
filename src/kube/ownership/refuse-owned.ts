import { SlipwayError } from '../../errors.ts';
import type { KubeObject } from '../../model/object.ts';
import { parseTargetId, shortName } from '../../model/target.ts';
import type { TakeoverRight } from '../../ports/cluster.ts';
import type { ReleaseContext } from '../context.ts';
import type { OwningSet } from '../inventory/owning-sets.ts';
import type { PlannedObject } from '../plan/plan.ts';
import { type Owner, ownerOf } from './owner.ts';

/** Throws OBJECT_OWNED unless the app adopts, or may take over from the owner; resolves to the owner it is taken from. */
export async function refuseOwned(
  { setId, target, owningSets }: ReleaseContext,
  planned: Pick<PlannedObject, 'ref' | 'rendered'>,
  live: KubeObject,
  signal: AbortSignal,
): Promise<Owner | undefined> {
  const owner = ownerOf(live, setId);
  if (!owner) return undefined;
  const other = owner.setId === undefined ? undefined : await owningSets.get(owner.setId, signal);
  const right = await other?.rightTo(planned.ref);
  if (target.adopt || right === 'granted') return owner;
  throw new SlipwayError('OBJECT_OWNED', `it belongs to ${other?.name ?? owner.name}`, {
    object: planned.ref,
    place: planned.rendered.source,
    hint: hintOf(other, right, target.app),
    details: other?.target === undefined ? undefined : { owner: { target: other.target } },
  });
}

function hintOf(other: OwningSet | undefined, right: TakeoverRight | undefined, app: string): string {
  const adopt = `or write adopt: true for app ${app} in slipway.yaml, and Slipway takes it over without deleting it.`;
  const parts = parseTargetId(other?.target ?? '');
  if (!parts || right === undefined || right === 'foreign') return `Remove it here or there; ${adopt}`;
  const owner = `${shortName(parts)} of ${parts.repository}`;
  if (right === 'unknown') {
    return `Correct ${owner} first: its files cannot be rendered, so nobody knows whether they still have the object; ${adopt}`;
  }
  return `Remove it here; or remove it from ${owner}, and it moves here without being deleted; ${adopt}`;
}
