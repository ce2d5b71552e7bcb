import { objectAt, textAt } from '../../model/json.ts';
import type { JsonValue, KubeObject } from '../../model/object.ts';
import { condition, describeCondition, isUnobserved } from '../conditions.ts';
import { failed, healthy, progressing, suspended, type Verdict } from '../verdict.ts';

const broken = ['InvalidSelector', 'InvalidMetricSourceType', 'AmbiguousSelector'];

/**
 * An autoscaler that cannot read metrics is healthy, with that in its message: metrics exist only some time after the
 * pods, and the workload serves without them. A target that cannot be found is a failure. Source of the reasons:
 * https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/podautoscaler/horizontal.go
 */
export function horizontalPodAutoscalerHealth(autoscaler: KubeObject): Verdict {
  const object = withConditions(autoscaler);
  const able = condition(object, 'AbleToScale');
  if (isUnobserved(object) || !able) return progressing('waiting for the autoscaler');
  if (able.status === 'False' && able.reason !== 'BackoffBoth') return failed(describeCondition(able));
  const active = condition(object, 'ScalingActive');
  if (active?.reason === 'ScalingDisabled') return suspended('its target is scaled to zero');
  if (active && broken.includes(active.reason)) return failed(describeCondition(active));
  return healthy(
    active?.status === 'False' ? `does not scale yet: ${describeCondition(active)}` : describeCondition(able),
  );
}

/** `autoscaling/v1` has no conditions in its status: the API server returns them in an annotation. */
function withConditions(object: KubeObject): KubeObject {
  const text = textAt(object, 'metadata', 'annotations', 'autoscaling.alpha.kubernetes.io/conditions');
  if (text === '') return object;
  const conditions = jsonList(text);
  return conditions ? { ...object, status: { ...objectAt(object, 'status'), conditions } } : object;
}

function jsonList(text: string): JsonValue[] | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
