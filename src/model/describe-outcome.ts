import { shortCommit } from './commit.ts';
import { cutText, onOneLine } from './cut-text.ts';
import { describeFailure, describeNotice, type SentFailure, type SentNotice } from './describe-failure.ts';
import { isOpen, type ReleaseState } from './release.ts';

/** What releases and the lines of commit reports have in common, also as the API sends them. */
export interface Outcome {
  state: ReleaseState;
  /** The target's namespace; undefined: it is not known. */
  namespace?: string | undefined;
  failure?: SentFailure | undefined;
  notices?: SentNotice[] | undefined;
  supersededBy?: string | undefined;
}

/** An open release with a failure waits for its next attempt. */
const retrying = 'retrying: ';

/**
 * What a release says beside its state, in at most `most` characters (undefined: no bound); undefined if it says
 * nothing.
 */
export function describeOutcome(outcome: Outcome, most?: number): string | undefined {
  const { state, namespace, failure, notices = [], supersededBy } = outcome;
  if (state === 'superseded' && supersededBy !== undefined)
    return `superseded by ${shortCommit(supersededBy)}`;
  if (state === 'superseded' && notices.length === 0) return 'superseded by a newer commit';
  if (failure) {
    const prefix = isOpen(state) ? retrying : '';
    return prefix + describeFailure(failure, { namespace, most: most && most - prefix.length });
  }
  if (notices.length === 0) return undefined;
  const text = notices.map((notice) => describeNotice(notice, namespace)).join('; ');
  return most === undefined ? text : cutText(onOneLine(text), most);
}

/** The next step for a person. */
export function hintOf({ failure, notices = [] }: Outcome): string | undefined {
  return failure?.hint ?? notices.find(({ hint }) => hint !== undefined)?.hint;
}
