import type { SlipwayError } from '../../errors.ts';
import type { FieldPath } from '../../model/field-path.ts';
import type { Masks } from '../../model/masks.ts';
import type { KubeObject, ObjectRef } from '../../model/object.ts';
import type { SourcePlace } from '../../model/source-place.ts';
import type { Resource } from '../discovery/resource.ts';

/** What was asked of the API server when it refused. */
export interface Asked {
  ref: ObjectRef;
  object: KubeObject;
  /** As it was found on the cluster. */
  live?: KubeObject | undefined;
  source?: SourcePlace | undefined;
  resource: Resource;
  verb: 'patch' | 'delete' | 'get';
  /** The impersonated account; undefined: Slipway's own. */
  account: string | undefined;
  cluster: string;
  masks: Masks;
  /** What was left out of the object, because slipway.yaml leaves it to others. */
  ignored?: FieldPath[] | undefined;
}

/** One refusal in words: `what` does not name the object. */
export interface Explanation {
  code: SlipwayError['code'];
  what: string;
  hint?: string | undefined;
}
