import { SlipwayError } from '../../errors.ts';
import { describeRef, type KubeObject } from '../../model/object.ts';
import { parseTargetId, type TargetId } from '../../model/target.ts';
import type { ReleaseContext } from '../context.ts';
import type { OwningSet } from '../inventory/owning-sets.ts';
import type { PlannedObject } from '../plan/plan.ts';
import { type Owner, ownerOf } from './owner.ts';

/** An object that somebody else deploys; `target` if that is another target of Slipway. */
export class OwnedError extends SlipwayError {
  readonly target: TargetId | undefined;

  constructor(
    { ref, rendered }: Pick<PlannedObject, 'ref' | 'rendered'>,
    owner: Owner,
    other: OwningSet | undefined,
    app: string,
  ) {
    const object = describeRef(ref);
    const by = other?.name ?? owner.name;
    super('OBJECT_OWNED', `${object}: it belongs to ${by}`, {
      object,
      place: rendered.source,
      hint: hintOf(other, app),
    });
    this.target = other?.target;
  }
}

/** Throws OwnedError unless the app adopts, or may take over from the owner; resolves to the owner it is taken from. */
export async function refuseOwned(
  { setId, target, owningSets }: ReleaseContext,
  planned: Pick<PlannedObject, 'ref' | 'rendered'>,
  live: KubeObject,
  signal: AbortSignal,
): Promise<Owner | undefined> {
  const owner = ownerOf(live, setId);
  if (!owner) return undefined;
  const other = owner.setId === undefined ? undefined : await owningSets.get(owner.setId, signal);
  if (target.adopt || other?.takeoverRight === 'granted') return owner;
  throw new OwnedError(planned, owner, other, target.app);
}

function hintOf(other: OwningSet | undefined, app: string): string {
  const adopt = `or write adopt: true for app ${app} in slipway.yaml, and it is taken over without being deleted.`;
  const parts = other?.takeoverRight === 'standing' ? parseTargetId(other.target ?? '') : undefined;
  if (!parts) return `Remove it here or there; ${adopt}`;
  const { app: old, environment, repository } = parts;
  return `Remove it here; or remove ${old}@${environment} from the slipway.yaml of ${repository}, and it moves here by itself; ${adopt}`;
}
