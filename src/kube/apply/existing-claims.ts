import { toSlipwayError } from '../../errors.ts';
import { annotationOf } from '../../model/annotation.ts';
import type { ObjectChange } from '../../model/change-set.ts';
import { objectAt, objectOf, objectsAt, textAt } from '../../model/json.ts';
import { groupKind, type KubeObject, refOf } from '../../model/object.ts';
import { KubeApiError } from '../client/api-error.ts';
import { asEither } from '../client/as-either.ts';
import { collectionPath, objectPath, type Resource } from '../discovery/resource.ts';
import { explain } from '../explain/explain.ts';
import { noSchema } from '../explain/kind-schema.ts';
import { itemsOf } from '../list.ts';
import { compareQuantities } from '../quantity.ts';
import type { Subject } from './attempt.ts';

const claimResource: Resource = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  resource: 'persistentvolumeclaims',
  namespaced: true,
  verbs: [],
};

const growAnnotation = 'slipway.dev/grow-claims';

/** A claim of a StatefulSet that is smaller than its template. */
interface SmallClaim {
  claim: KubeObject;
  size: string;
  wanted: string;
}

/**
 * The change of a StatefulSet with what becomes of its existing claims: Kubernetes never changes them with the template,
 * not even if the StatefulSet is recreated (kubernetes/kubernetes#68737). With the annotation, claims that are too small
 * grow; else a warning names them and the way. Reads nothing unless the set was recreated or has the annotation.
 */
export async function withExistingClaims(
  subject: Subject,
  change: ObjectChange,
  isRecreated: boolean,
): Promise<ObjectChange> {
  const { wanted } = subject.planned;
  const mayGrow = annotationOf(wanted, growAnnotation) === 'allowed';
  if (!hasTemplates(wanted) || !(isRecreated || mayGrow)) return change;
  const small = await smallClaims(subject);
  if (!mayGrow)
    return withWarnings(
      change,
      small.map((one) => `${keeps(one)}: ${howToGrow(one)}`),
    );
  const warnings: string[] = [];
  const grown: string[] = [];
  for (const one of small) {
    const refusal = await grow(subject, one);
    if (refusal === undefined) grown.push(`${nameOf(one)} from ${one.size} to ${one.wanted}`);
    else warnings.push(`${keeps(one)}: ${refusal}`);
  }
  return withNotice(withWarnings(change, warnings), grown, subject.writing.dryRun);
}

function withWarnings(change: ObjectChange, warnings: string[]): ObjectChange {
  return warnings.length === 0 ? change : { ...change, warnings: [...(change.warnings ?? []), ...warnings] };
}

function withNotice(change: ObjectChange, grown: string[], dryRun: boolean): ObjectChange {
  if (grown.length === 0) return change;
  const did = `${dryRun ? 'would grow' : 'grew'} claim ${grown.join(', ')}`;
  const { notice } = change;
  if (notice) return { ...change, notice: { ...notice, summary: `${notice.summary}; ${did}` } };
  return { ...change, notice: { kind: 'claims-grown', summary: did } };
}

function keeps(small: SmallClaim): string {
  return `claim ${nameOf(small)} keeps ${small.size}, its template asks for ${small.wanted}`;
}

function howToGrow({ claim, wanted }: SmallClaim): string {
  const { name = '', namespace = '' } = claim.metadata;
  const patch = JSON.stringify({ spec: { resources: { requests: { storage: wanted } } } });
  return `set ${growAnnotation}: allowed on the StatefulSet, or run kubectl patch pvc ${name} -n ${namespace} -p '${patch}'`;
}

function hasTemplates(object: KubeObject): boolean {
  const isSet = groupKind(refOf(object)) === 'StatefulSet.apps';
  return isSet && objectsAt(object, 'spec', 'volumeClaimTemplates').length > 0;
}

/** The claims of the set, `<template>-<set>-<number>`, that ask for less than their template. */
async function smallClaims({ context, planned, writing }: Subject): Promise<SmallClaim[]> {
  const { client, account } = context;
  const { wanted } = planned;
  const { name = '', namespace } = wanted.metadata;
  const path = collectionPath(claimResource, namespace);
  const { signal } = writing;
  // The controller gives each claim the labels that the set selects by.
  const labels = Object.entries(objectAt(wanted, 'spec', 'selector', 'matchLabels'));
  const labelSelector = labels.map(([key, value]) => `${key}=${String(value)}`).join(',');
  const { body } = await asEither(account, (as) =>
    client.request({ path, query: { labelSelector }, as, signal }),
  );
  const claims = itemsOf(body);
  return objectsAt(wanted, 'spec', 'volumeClaimTemplates').flatMap((template) => {
    const asked = textAt(template, 'spec', 'resources', 'requests', 'storage');
    const prefix = `${textAt(template, 'metadata', 'name')}-${name}-`;
    return claims
      .filter(
        ({ metadata }) =>
          metadata.name?.startsWith(prefix) && /^\d+$/.test(metadata.name.slice(prefix.length)),
      )
      .map((claim) => ({
        claim,
        wanted: asked,
        size: textAt(claim, 'spec', 'resources', 'requests', 'storage'),
      }))
      .filter(({ size }) => compareQuantities(size, asked) < 0);
  });
}

/** Resolves to the API server's refusal in words; undefined: the claim asks for the new size now. */
async function grow(
  { context, writing }: Subject,
  { claim, wanted }: SmallClaim,
): Promise<string | undefined> {
  const { client, account, masks } = context;
  const ref = refOf(claim);
  await writing.lease.beforeWrite();
  try {
    await client.request({
      method: 'PATCH',
      path: objectPath(claimResource, ref),
      query: writing.dryRun ? { dryRun: 'All' } : {},
      contentType: 'application/merge-patch+json',
      body: { spec: { resources: { requests: { storage: wanted } } } },
      as: account,
      signal: writing.signal,
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof KubeApiError) || error.retryable) throw error;
    const { cluster } = client;
    const asked = { ref, object: claim, live: claim, resource: claimResource, verb: 'patch' } as const;
    return toSlipwayError(await explain(error, { ...asked, account, cluster, masks }, noSchema)).failure
      .summary;
  }
}

function nameOf({ claim }: SmallClaim): string {
  return textAt(objectOf(claim.metadata), 'name');
}
