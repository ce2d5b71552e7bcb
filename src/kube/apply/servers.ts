import { SlipwayError } from '../../errors.ts';
import { isObject, listOf, objectOf, textOf } from '../../model/json.ts';
import type { JsonObject, JsonValue, KubeObject } from '../../model/object.ts';
import { KubeApiError } from '../client/api-error.ts';
import type { PlannedObject } from '../plan/plan.ts';
import type { Applied } from './applied.ts';

/**
 * The workloads among `applied` that answer for these webhooks, API services and conversions: from the moment such an
 * object is applied the API server asks them, and refuses requests while they do not answer. Found by the Service that
 * the object names and that Service's selector; a server that is not of this app is not waited for.
 */
export function serversOf(applied: readonly Applied[], admission: PlannedObject[]): Applied[] {
  const services = new Set(admission.flatMap(({ wanted }) => servicesOf(wanted)));
  if (services.size === 0) return [];
  const selectors = applied
    .filter(({ ref }) => ref.kind === 'Service' && ref.group === '')
    .filter(({ ref }) => services.has(`${ref.namespace}/${ref.name}`))
    .map(({ ref, live }) => ({ namespace: ref.namespace, selector: objectOf(objectOf(live.spec).selector) }))
    .filter(({ selector }) => Object.keys(selector).length > 0);
  return applied.filter(({ ref, live }) =>
    selectors.some(
      ({ namespace, selector }) => ref.namespace === namespace && selects(selector, podLabels(live)),
    ),
  );
}

/** Whether a request failed only because a webhook (admission or conversion) did not answer. */
export function isUnansweredWebhook(error: unknown): boolean {
  const cause = error instanceof SlipwayError && error.cause instanceof KubeApiError ? error.cause : error;
  if (!(cause instanceof KubeApiError) || cause.apiStatus.code !== 500) return false;
  return /failed calling webhook |conversion webhook for .* failed: /.test(cause.apiStatus.message);
}

/** `namespace/name` of the Services that the API server asks because of the object. */
function servicesOf(object: KubeObject): string[] {
  const webhooks = listOf(object.webhooks).map((hook) => field(field(hook, 'clientConfig'), 'service'));
  const { conversion, service: answering } = objectOf(object.spec);
  const converting = field(field(field(conversion, 'webhook'), 'clientConfig'), 'service');
  return [...webhooks, answering, converting].flatMap((service) =>
    isObject(service) ? [`${textOf(service.namespace)}/${textOf(service.name)}`] : [],
  );
}

function field(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return objectOf(value)[name];
}

function podLabels({ kind, metadata, spec }: KubeObject): JsonObject {
  const template = kind === 'Pod' ? metadata : objectOf(objectOf(objectOf(spec).template).metadata);
  return objectOf(template.labels);
}

function selects(selector: JsonObject, labels: JsonObject): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}
