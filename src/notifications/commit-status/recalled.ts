import type { CommitReport } from '../../model/commit-report.ts';
import { RECALLED } from '../../ports/commit-reports.ts';
import { mark, placeField, type Sending } from './sending.ts';
import { endingsOf, isOfScope, type WantedStatus } from './statuses.ts';

/** Where it is kept which contexts of the commit the forge had open when it was asked, as JSON. */
const WAITING = 'waiting contexts';

/**
 * The statuses to show for a report that may have lost an earlier one with Redis: those that still wait on the forge
 * are ended too. Of a commit that is past, nothing else is said. The forge is asked once.
 */
export async function withRecalled(
  sending: Sending,
  report: CommitReport,
  wanted: WantedStatus[],
): Promise<WantedStatus[]> {
  const { key, begun } = sending;
  const { sent } = begun;
  const recalled = sent[RECALLED];
  if (recalled === undefined) return wanted;
  const waiting = sent[WAITING] === undefined ? await ask(sending) : (JSON.parse(sent[WAITING]) as string[]);
  if (recalled === 'past') return endingsOf(key, report, waiting);
  const own = new Set(wanted.map(({ context }) => context));
  const others = waiting.filter((context) => !own.has(context));
  return [...wanted, ...endingsOf(key, report, others)];
}

async function ask(sending: Sending): Promise<string[]> {
  const { key, forge, signal } = sending;
  const present = await forge.statusesOf(key.repository, key.commit, signal);
  const mine = present.filter(({ context }) => isOfScope(context, key.scope));
  const waiting = mine.filter(({ isOpen }) => isOpen).map(({ context }) => context);
  const place = mine.find((status) => status.place !== undefined)?.place;
  await mark(sending, {
    [WAITING]: JSON.stringify(waiting),
    ...(place === undefined ? {} : { [placeField(key.commit)]: place }),
  });
  return waiting;
}
