import type { SlipwayError } from '../../errors.ts';
import type { FieldPath } from '../../model/field-path.ts';
import type { Masks } from '../../model/masks.ts';
import type { KubeObject, ObjectRef } from '../../model/object.ts';
import type { SourcePlace } from '../../model/source-place.ts';
import type { ApiStatus } from '../client/api-error.ts';
import type { Resource } from '../discovery/resource.ts';

/** The request that the API server refused. */
export interface RefusedRequest {
  ref: ObjectRef;
  object: KubeObject;
  /** The object's state on the cluster; undefined if it does not exist or was not read. */
  live?: KubeObject | undefined;
  source?: SourcePlace | undefined;
  resource: Resource;
  verb: 'patch' | 'delete' | 'get';
  /** The impersonated account; undefined: Slipway's own. */
  account: string | undefined;
  cluster: string;
  masks: Masks;
  /** Fields that were left out of the object because `ignore` in slipway.yaml names them. */
  ignored?: FieldPath[] | undefined;
}

/** The text of a refusal. `what` does not name the object. */
export interface Explanation {
  code: SlipwayError['code'];
  what: string;
  hint?: string | undefined;
}

/** Explains the refusals of one kind by the API server's message; undefined: it is another refusal. */
export type RefusalRule = (
  message: string,
  request: RefusedRequest,
  status: ApiStatus,
) => Explanation | undefined;
