import type { ObjectChange } from './change-set.ts';
import { cutText, onOneLine, textLength } from './cut-text.ts';
import type { Cause, Failure, FailureDetails } from './failure.ts';
import type { Notice } from './notice.ts';
import { describeRef, type ObjectRef } from './object.ts';
import { describePlace } from './source-place.ts';

/** A failure as the API sends it: a newer server may know further codes. */
export type SentFailure = Omit<Failure, 'code' | 'details'> & { code: string; details?: SentDetails };
type SentDetails =
  | (Omit<FailureDetails, 'followedBy'> & { followedBy?: SentFailure[] | undefined })
  | undefined;
export type SentNotice = Omit<Notice, 'kind'> & { kind: string };

export interface TextOptions {
  /** The target's namespace: its objects are named without it. */
  namespace?: string | undefined;
  /** The most characters; undefined: no bound, and lines stay as they are. */
  most?: number | undefined;
}

/** How much of a failure its text shows. */
interface Detail {
  place: boolean;
  pods: boolean;
}

/**
 * `web.yaml:12: Deployment web: 0 of 3 pods ready; pod web-x2x7k: ImagePullBackOff: image "web:v9" not found`. A text
 * that is too long omits the generated names of pods first, then the place if the file is not at fault; what is still
 * too long ends in `…`.
 */
export function describeFailure(failure: SentFailure, { namespace, most }: TextOptions = {}): string {
  const text = (detail: Detail) => headOf(failure, namespace, detail) + reasonOf(failure, namespace, detail);
  const full = text({ place: true, pods: true });
  if (most === undefined) return full;
  const isFileAtFault = failure.code !== 'UNHEALTHY';
  const texts = [full, text({ place: true, pods: false }), text({ place: isFileAtFault, pods: false })];
  const lines = texts.map(onOneLine);
  const fitting = lines.find((line) => textLength(line) <= most);
  return fitting ?? cutText(lines.at(-1) ?? '', most);
}

/** The failure of an object that is named beside it, without object and place. */
export function describeReason(failure: SentFailure): string {
  return reasonOf(failure, failure.object?.namespace, { place: true, pods: true });
}

/** `kept: it belongs to Deployment web`; `prune held: 2 objects would be deleted (ConfigMap a, ConfigMap b)`. */
export function describeNotice(notice: SentNotice, namespace?: string): string {
  const { kind, summary, objects = [], count = objects.length } = notice;
  const more = count > objects.length ? ` and ${count - objects.length} more` : '';
  const names = objects.map((ref) => describeObject(ref, namespace)).join(', ');
  return `${prefixes.get(kind) ?? ''}${summary}${names === '' ? '' : ` (${names}${more})`}`;
}

/** What a change says beside its fields: its notice, its failure, and the next step. */
export function describeChange({
  action,
  notice,
  failure,
}: Pick<ObjectChange, 'action'> & {
  notice?: SentNotice | undefined;
  failure?: SentFailure | undefined;
}): { text: string[]; hint: string | undefined } {
  const unhealthy = action === 'failed' ? '' : 'not healthy: ';
  const text = [
    ...(notice ? [describeNotice(notice)] : []),
    ...(failure ? [`${unhealthy}${describeReason(failure)}`] : []),
  ];
  return { text, hint: failure?.hint ?? notice?.hint };
}

/** `Deployment web`; the namespace is named only if it is not `namespace`. */
export function describeObject(ref: ObjectRef, namespace: string | undefined): string {
  return describeRef(ref.namespace === namespace ? { ...ref, namespace: undefined } : ref);
}

const prefixes = new Map<string, string>([
  ['prune-held', 'prune held: '],
  ['prune-paused', 'prune paused: '],
  ['not-deleted', 'not deleted: '],
  ['kept', 'kept: '],
  ['held', 'held: '],
  ['hook', 'hook: '],
  ['not-applied', 'not applied: '],
  ['not-checked', 'not checked by the API server: '],
]);

function headOf({ object, place }: SentFailure, namespace: string | undefined, detail: Detail): string {
  const from = place && detail.place ? `${describePlace(place)}: ` : '';
  return object ? `${from}${describeObject(object, namespace)}: ` : from;
}

function reasonOf(
  { summary, details = {} }: SentFailure,
  namespace: string | undefined,
  detail: Detail,
): string {
  const { causes = [], owner, moreObjects = 0, followedBy = [] } = details;
  const from = owner?.place ? `, which renders it from ${describePlace(owner.place)}` : '';
  return [
    `${summary}${from}`,
    ...causes.map((cause) => causeText(cause, detail)),
    ...(moreObjects > 0 ? [`${counted(moreObjects)} failed`] : []),
    ...followedBy.map((next) => followUp(next, namespace)),
  ].join('; ');
}

function causeText({ workload, pod, container, summary }: Cause, { pods }: Detail): string {
  const at = [workload, pod && pods ? `pod ${pod}` : undefined, container && `container ${container}`];
  return [...at.filter((step) => step !== undefined), summary].join(': ');
}

function followUp(failure: SentFailure, namespace: string | undefined): string {
  const what = failure.object ? 'the on-failure hook failed too' : 'the on-failure hooks could not run';
  return `${what}: ${describeFailure(failure, { namespace })}`;
}

function counted(more: number): string {
  return more === 1 ? '1 more object' : `${more} more objects`;
}
