import { objectOf, textOf } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import { groupKind, type KubeObject, type RenderedObject, refOf } from '../../model/object.ts';
import { type Gap, isInGap, unreadRef } from '../live/gap.ts';
import type { Live } from '../live/live.ts';
import { staying } from './prune-change.ts';
import type { WavePrune } from './prune-wave.ts';

/** What may serve or finalize the objects of a kind that an app brings along. */
const servers = new Set(['Service', 'Deployment.apps', 'StatefulSet.apps', 'DaemonSet.apps']);

/**
 * Pure: the candidates that wait because members of a kind could not be read, with a change for the members that nobody
 * saw. These are the objects of that kind and what would take unread members along: its definition, and namespaces. If no
 * file has the kind any more, the app may be removing the kind's operator too, and the unread members come first: then
 * everything waits.
 */
export function behindGaps(
  { gaps }: Pick<Live, 'gaps'>,
  candidates: KubeObject[],
  rendered: RenderedObject[],
): WavePrune {
  const mayGoWithServer = candidates.some((object) => servers.has(groupKind(refOf(object))));
  const waitsFor = (object: KubeObject) =>
    gaps.find(
      (gap) => takesAlong(object, gap) || (mayGoWithServer && !rendered.some((one) => isOf(one.object, gap))),
    );
  const changes: WavePrune['changes'] = [];
  const survivors: KubeObject[] = [];
  for (const object of candidates) {
    const gap = waitsFor(object);
    if (!gap) continue;
    changes.push(staying(object, incomplete(gap)));
    survivors.push(object);
  }
  const unseen = gaps.filter((gap) => !survivors.some((object) => isOf(object, gap)));
  for (const gap of unseen) {
    changes.push({ ref: unreadRef(gap), action: 'skipped', fields: [], notice: incomplete(gap) });
  }
  return { changes, survivors };
}

function isOf(object: KubeObject, gap: Gap): boolean {
  return isInGap(gap, refOf(object));
}

/** Whether deleting the object would delete members of the kind, or the only way to reach them. */
function takesAlong(object: KubeObject, gap: Gap): boolean {
  if (isOf(object, gap)) return true;
  const spec = objectOf(object.spec);
  switch (groupKind(refOf(object))) {
    case 'Namespace':
      return gap.namespace === undefined || gap.namespace === object.metadata.name;
    case 'CustomResourceDefinition.apiextensions.k8s.io':
      return textOf(spec.group) === gap.group && textOf(objectOf(spec.names).kind) === gap.kind;
    case 'APIService.apiregistration.k8s.io':
      return textOf(spec.group) === gap.group;
    default:
      return false;
  }
}

function incomplete({ reason }: Gap): Notice {
  return { kind: 'kept', summary: `the list of what is live is not complete (${reason})` };
}
