import type { ErrorCode } from './error-code.ts';
import type { ObjectRef } from './object.ts';
import type { SourcePlace } from './source-place.ts';
import type { TargetId } from './target.ts';

/**
 * What went wrong, as a value: object changes, releases and commit reports carry it, Redis and the API keep it as JSON.
 * Only `describe-failure.ts` makes text of it.
 */
export interface Failure {
  code: ErrorCode;
  /** One sentence without secrets. It names neither `object` nor `place`. */
  summary: string;
  object?: ObjectRef | undefined;
  place?: SourcePlace | undefined;
  /** The next step for a person. */
  hint?: string | undefined;
  details?: FailureDetails | undefined;
}

export interface FailureDetails {
  /** What diagnosis found below the object, from the outside in; of a violation: further ones of the object. */
  causes?: Cause[] | undefined;
  /** The target that owns the object, if Slipway deployed it. */
  owner?: Owner | undefined;
  /** The object did not fail: it was not healthy in time. */
  late?: true | undefined;
  /** A health expression of the repository cannot be evaluated. */
  healthRule?: true | undefined;
  /** Further objects of the release that failed; their changes say why. */
  moreObjects?: number | undefined;
  /** Hooks that ran because of the failure, and failed too. */
  followedBy?: Failure[] | undefined;
}

/** A step on the way from an object to what is at fault. */
export interface Cause {
  summary: string;
  /** `Deployment web`, which the controller of a custom resource created. */
  workload?: string | undefined;
  /** Its name is generated, so texts omit it first. */
  pod?: string | undefined;
  /** Undefined: the pod has only one. */
  container?: string | undefined;
  /** The image that cannot be pulled. */
  image?: string | undefined;
}

export interface Owner {
  target: TargetId;
  /** Where that target renders the object from, if that is known. */
  place?: SourcePlace | undefined;
}
