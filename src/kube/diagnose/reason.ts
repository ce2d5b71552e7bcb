import { isBuiltIn } from '../../health/generic.ts';
import { healthOf } from '../../health/index.ts';
import { oneLine, withoutSecrets } from '../../health/text.ts';
import type { Verdict } from '../../health/verdict.ts';
import type { Cause } from '../../model/failure.ts';
import { type Masks, secretMasks } from '../../model/masks.ts';
import type { KubeObject } from '../../model/object.ts';
import { templatePod } from './owner.ts';
import type { Reader } from './reader.ts';
import { type Warning, warningsAbout } from './reason-events.ts';
import { unhealthyOwned } from './reason-owned.ts';
import { diagnosePods, type PodDiagnosis } from './reason-pods.ts';
import { type PodsOf, podFinder } from './reason-workload.ts';
import { ofRevision, type StuckPods } from './stuck-pods.ts';

/** In characters. The text is a sentence for a page, not a log. */
const LONGEST = 600;

/** Why an object is not healthy. */
export interface Diagnosis {
  /** The problem of the object itself: `0 of 3 pods ready`. */
  summary: string;
  /** From the outside in: `pod web-…: ImagePullBackOff: image "web:v9" not found`. */
  causes: Cause[];
  /** The problem does not resolve by waiting. */
  lasting: boolean;
  /** The next step, if the problem has one of its own. */
  hint?: string | undefined;
  /** Pods that block an update until somebody deletes them. */
  stuck?: KubeObject[] | undefined;
}

/**
 * Why an object is not healthy. Follows a workload through its newest revision to the container, its last exit and its
 * events, and a custom resource to the workload that its controller created. Masks values of environment variables,
 * masked fields and texts that look like a secret. `verdict` is the object's health under the rules that apply to it.
 * Rejects only if the reader's signal aborts.
 */
export async function diagnose(
  reader: Reader,
  object: KubeObject,
  verdict: Verdict = healthOf(object),
  masks: Masks = secretMasks,
): Promise<Diagnosis> {
  const { summary, causes, lasting, hint, stuck } = await follow(reader, object, verdict);
  const safe = (text: string) =>
    oneLine(withoutSecrets(masks.text(text, object), templatePod(object)), LONGEST);
  return {
    summary: safe(summary),
    causes: causes.map((cause) => mapCause(cause, safe)),
    lasting: lasting || verdict.state === 'failed',
    hint,
    stuck,
  };
}

/** Every text of a cause may contain a masked value, even the name of an image. */
function mapCause(
  { summary, workload, pod, container, image }: Cause,
  safe: (text: string) => string,
): Cause {
  return {
    summary: safe(summary),
    workload: workload && safe(workload),
    pod: pod && safe(pod),
    container: container && safe(container),
    image: image && safe(image),
  };
}

async function follow(reader: Reader, object: KubeObject, verdict: Verdict): Promise<Diagnosis> {
  const own = { summary: verdict.message, causes: [], lasting: false };
  // Its own status explains what blocks the deletion; its pods are deleted as intended.
  if (verdict.state === 'terminating') return own;
  if (object.kind === 'Pod') return (await ofPod(reader, object)) ?? own;
  const findPods = podFinder(object);
  if (findPods) return throughPods(reader, verdict, await findPods(reader, object));
  const owned = isBuiltIn(object) ? undefined : await unhealthyOwned(reader, object);
  if (owned) {
    const { summary, causes } = await follow(reader, owned, healthOf(owned));
    const cause = { workload: `${owned.kind} ${owned.metadata.name}`, summary };
    return { ...own, causes: [cause, ...causes] };
  }
  return { ...own, causes: fromWarnings(await warningsAbout(reader, object), verdict.message) };
}

/** A bare pod: its problem is the object's own. */
async function ofPod(reader: Reader, pod: KubeObject): Promise<Diagnosis | undefined> {
  const found = await diagnosePods(reader, [pod]);
  if (!found) return undefined;
  const [{ container, summary }, ...causes] = found.causes;
  const own = container === undefined ? summary : `container ${container}: ${summary}`;
  return { summary: own, causes, lasting: found.lasting };
}

async function throughPods(reader: Reader, verdict: Verdict, of: PodsOf): Promise<Diagnosis> {
  const found = await diagnosePods(reader, of.pods);
  if (of.stuck) return blockedBy(of.stuck, found);
  const summary = of.headline ?? verdict.message;
  if (found?.lasting) return { summary, causes: found.causes, lasting: true };
  if (of.refusal) return { ...withHeadline(of.headline, of.refusal), lasting: true };
  if (found) return { summary, causes: found.causes, lasting: false };
  const causes = fromWarnings(await warningsAbout(reader, of.creator), summary);
  if (causes.length > 0) return { summary, causes, lasting: false };
  // Only the workload itself reports `ProgressDeadlineExceeded` and the like.
  return { ...withHeadline(of.headline, verdict.message), lasting: false };
}

function blockedBy({ pods, summary, hint }: StuckPods, found: PodDiagnosis | undefined): Diagnosis {
  const [own] = found?.causes ?? [];
  const reported = own && pods.find(({ metadata }) => metadata.name === own.pod);
  const causes = reported ? [ofRevision(reported, own)] : [];
  return { summary, causes, lasting: found?.lasting ?? false, hint, stuck: pods };
}

/** The newest warning, unless the controller wrote the same sentence into a condition. */
function fromWarnings([warning]: Warning[], known: string): Cause[] {
  if (!warning || known.includes(warning.message)) return [];
  return [{ summary: `${warning.reason}: ${warning.message}` }];
}

function withHeadline(headline: string | undefined, text: string): Pick<Diagnosis, 'summary' | 'causes'> {
  if (headline === undefined || headline === text) return { summary: text, causes: [] };
  return { summary: headline, causes: [{ summary: text }] };
}
