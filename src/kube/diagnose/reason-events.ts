import { textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { uidOf } from './owner.ts';
import { type Reader, siblingsPath } from './reader.ts';

export interface Warning {
  reason: string;
  message: string;
}

/** Reasons that report only that something is retried, not why. */
const uninformative = ['BackOff'];

/** Warnings about one object, newest first. Selected by uid, which excludes earlier objects of the same name. */
export async function warningsAbout(reader: Reader, object: KubeObject): Promise<Warning[]> {
  const fieldSelector = `involvedObject.uid=${uidOf(object)},type=Warning`;
  const events = await reader.list(siblingsPath(object, '/api/v1', 'events'), { fieldSelector, limit: 100 });
  return events
    .map((event) => ({ event, time: timeOf(event) }))
    .sort((a, b) => b.time - a.time)
    .map(({ event }) => ({ reason: textAt(event, 'reason'), message: textAt(event, 'message') }))
    .filter((warning) => !uninformative.includes(warning.reason));
}

/** Controllers set different fields: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ */
function timeOf(event: KubeObject): number {
  const times = [
    textAt(event, 'series', 'lastObservedTime'),
    textAt(event, 'lastTimestamp'),
    textAt(event, 'eventTime'),
    textAt(event, 'metadata', 'creationTimestamp'),
  ];
  return Math.max(...times.map((time) => (time === '' ? 0 : Date.parse(time))));
}
