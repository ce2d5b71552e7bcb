import { describeChange, describeReason, type SentFailure } from '../../src/model/describe-failure.ts';
import { describeOutcome, hintOf, type Outcome } from '../../src/model/describe-outcome.ts';

type Change = Parameters<typeof describeChange>[0];

/** What a change says, as the command line and the page show it; undefined: nothing. */
export function reasonOfChange(change: Change | undefined): string | undefined {
  return change && (describeChange(change).text.join('; ') || undefined);
}

export function hintOfChange(change: Change | undefined): string | undefined {
  return change && describeChange(change).hint;
}

/** What an unhealthy object says, without its name. */
export function reasonOfUnhealthy(failure: SentFailure | undefined): string | undefined {
  return failure && describeReason(failure);
}

export function reasonOfRelease(release: Outcome | undefined): string | undefined {
  return release && describeOutcome(release);
}

export function hintOfRelease(release: Outcome | undefined): string | undefined {
  return release && hintOf(release);
}

/** A release with what people read of it, to be matched beside its other fields. */
export function shown<T extends Outcome>(
  release: T | undefined,
): (T & { reason: string | undefined; hint: string | undefined }) | undefined {
  return release && { ...release, reason: describeOutcome(release), hint: hintOf(release) };
}
