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
import { sickBelow } from './reason-owned.ts';
import { diagnosePods } from './reason-pods.ts';
import { type PodsOf, workloadFollower } from './reason-workload.ts';

/** A sentence for a page, not a log. */
const LONGEST = 600;

/** Why an object is not healthy. */
export interface Diagnosis {
  /** About the object itself: `0 of 3 pods ready`. */
  summary: string;
  /** From the outside in: `pod web-…: ImagePullBackOff: image "web:v9" not found`. */
  causes: Cause[];
  /** Waiting does not help. */
  lasting: boolean;
}

/**
 * Why an object is not healthy. Follows a workload through its newest revision to the container, its last exit and its
 * events, and a custom resource to the workload that its controller created. Values of environment variables, hidden
 * ones and what looks like a secret are masked. `verdict` is that of the rules that hold for the object. Rejects only
 * if the reader's signal aborts.
 */
export async function diagnose(
  reader: Reader,
  object: KubeObject,
  verdict: Verdict = healthOf(object),
  masks: Masks = secretMasks,
): Promise<Diagnosis> {
  const { summary, causes, lasting } = await follow(reader, object, verdict);
  const safe = (text: string) =>
    oneLine(withoutSecrets(masks.text(text, object), templatePod(object)), LONGEST);
  return {
    summary: safe(summary),
    causes: causes.map((cause) => mapCause(cause, safe)),
    lasting: lasting || verdict.state === 'failed',
  };
}

/** Every text of a cause may hold what is hidden, also the name of an image. */
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
  // Its own status says what blocks the deletion; its pods are being deleted as they should.
  if (verdict.state === 'terminating') return own;
  if (object.kind === 'Pod') return (await ofPod(reader, object)) ?? own;
  const workload = workloadFollower(object);
  if (workload) return throughPods(reader, verdict, await workload(reader, object));
  const sick = isBuiltIn(object) ? undefined : await sickBelow(reader, object);
  if (sick) {
    const { summary, causes } = await follow(reader, sick, healthOf(sick));
    const below = { workload: `${sick.kind} ${sick.metadata.name}`, summary };
    return { ...own, causes: [below, ...causes] };
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
  const summary = of.headline ?? verdict.message;
  if (found?.lasting) return { summary, causes: found.causes, lasting: true };
  if (of.refusal) return { ...beside(of.headline, of.refusal), lasting: true };
  if (found) return { summary, causes: found.causes, lasting: false };
  const causes = fromWarnings(await warningsAbout(reader, of.creator), summary);
  if (causes.length > 0) return { summary, causes, lasting: false };
  // Only the workload itself reports `ProgressDeadlineExceeded` and the like.
  return { ...beside(of.headline, verdict.message), lasting: false };
}

/** The newest warning, unless the controller wrote the same sentence into a condition. */
function fromWarnings([warning]: Warning[], known: string): Cause[] {
  if (!warning || known.includes(warning.message)) return [];
  return [{ summary: `${warning.reason}: ${warning.message}` }];
}

function beside(headline: string | undefined, text: string): Pick<Diagnosis, 'summary' | 'causes'> {
  if (headline === undefined || headline === text) return { summary: text, causes: [] };
  return { summary: headline, causes: [{ summary: text }] };
}
