import { SlipwayError } from '../../errors.ts';
import { describeRef, type KubeObject } from '../../model/object.ts';
import { parseTargetId, type TargetId } from '../../model/target.ts';
import type { PlannedObject } from '../plan/plan.ts';
import type { Session } from '../session.ts';
import { type Owner, ownerOf } from './owner.ts';
import { type OwningSet, owningSet } from './owning-set.ts';

/** An object that another deploys; `target` where that is another target of Slipway. */
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

/** Throws OwnedError unless the app adopts, or the owner is no more; resolves to the owner that is then dispossessed. */
export async function refuseOwned(
  session: Session,
  planned: Pick<PlannedObject, 'ref' | 'rendered'>,
  live: KubeObject,
  signal: AbortSignal,
): Promise<Owner | undefined> {
  const { parent, target } = session;
  const owner = ownerOf(live, parent.id);
  if (!owner) return undefined;
  const other = owner.setId === undefined ? undefined : await owningSet(session, owner.setId, signal);
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
