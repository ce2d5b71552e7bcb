import type { ObjectRef } from './object.ts';

/** What a person should know although nothing failed, as a value. Only `describe-failure.ts` makes text of it. */
export interface Notice {
  kind: NoticeKind;
  /** One sentence without secrets. It does not name the object whose change carries the notice. */
  summary: string;
  /** The next step for a person. */
  hint?: string | undefined;
  /** Of a release: the first few of the objects concerned. */
  objects?: ObjectRef[] | undefined;
  /** How many objects are concerned; undefined: those in `objects`. */
  count?: number | undefined;
}

export type NoticeKind = ReleaseNoticeKind | ChangeNoticeKind;

/** About a release, or a commit. */
type ReleaseNoticeKind =
  /** It waits for another target. */
  | 'waiting'
  /** Another release of the same commit took its place. */
  | 'repeated'
  /** `slipway.yaml` no longer has the target. */
  | 'removed'
  /** Other targets took its objects over. */
  | 'moved'
  /** Objects that no file has any more, and that nobody may delete without confirmation. */
  | 'prune-held'
  /** The prune was confirmed, and other targets may still take the objects over. */
  | 'prune-paused'
  /** Objects that should be gone and are still there. */
  | 'not-deleted'
  /** Objects that no file of the target has any more, and that another target renders. Also about one object. */
  | 'left'
  /** A file that was invalid is valid. */
  | 'valid';

/** About one object. `kept` is also about a release, with the objects concerned. */
type ChangeNoticeKind =
  | 'kept'
  | 'being-deleted'
  | 'held'
  | 'hook'
  | 'taken-over'
  | 'recreated'
  | 'claims-grown'
  /** It could be applied after other owners of its fields were changed. */
  | 'resolved'
  | 'not-applied'
  | 'not-checked'
  | 'namespace-created'
  | 'finished';
