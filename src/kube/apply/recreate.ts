import { objectOf, sameJson } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';

/** The pods of a StatefulSet go on serving and are adopted by the new one, unless it selects others. */
export function propagationFor(wanted: KubeObject, live: KubeObject): 'Orphan' | 'Foreground' {
  const selector = (object: KubeObject) => objectOf(object.spec).selector;
  const keepsPods = wanted.kind === 'StatefulSet' && sameJson(selector(wanted), selector(live));
  return keepsPods ? 'Orphan' : 'Foreground';
}
