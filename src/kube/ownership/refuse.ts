import { SlipwayError } from '../../errors.ts';
import { describeRef, type KubeObject } from '../../model/object.ts';
import type { TargetId } from '../../model/target.ts';
import { targetOfSet } from '../parent.ts';
import type { PlannedObject } from '../plan.ts';
import type { Session } from '../session.ts';
import { type Owner, ownerOf } from './owner.ts';

/** An object that another deploys; `target` where that is another target of Slipway. */
export class OwnedError extends SlipwayError {
  readonly target: TargetId | undefined;

  constructor({ ref, rendered }: Pick<PlannedObject, 'ref' | 'rendered'>, owner: Owner, app: string) {
    const object = describeRef(ref);
    const { target } = owner;
    const by = target === undefined ? owner.name : `target ${target}`;
    super('OBJECT_OWNED', `${object}: it belongs to ${by}`, {
      object,
      place: rendered.source,
      hint: `Remove it here or there; or write adopt: true for app ${app} in slipway.yaml, and it is taken over without being deleted.`,
    });
    this.target = target;
  }
}

/** Throws OwnedError unless the app adopts; resolves to the owner that is then dispossessed. */
export async function refuseOwned(
  session: Session,
  planned: Pick<PlannedObject, 'ref' | 'rendered'>,
  live: KubeObject,
  signal: AbortSignal,
): Promise<Owner | undefined> {
  const { client, parent, target } = session;
  const owner = ownerOf(live, parent.id);
  if (!owner || target.adopt) return owner;
  const other = owner.setId && (await targetOfSet(client, parent.key.namespace, owner.setId, signal));
  throw new OwnedError(planned, other ? { ...owner, target: other } : owner, target.app);
}
