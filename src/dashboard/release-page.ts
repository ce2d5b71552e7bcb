import { summarize } from '../model/change-set.ts';
import { shortCommit } from '../model/commit.ts';
import { describeOutcome, hintOf } from '../model/describe-outcome.ts';
import { isOpen, type Release, type ReleaseWithChanges, type StageTimes } from '../model/release.ts';
import { parseTargetId, shortName } from '../model/target.ts';
import type { Sibling } from '../ports/queries.ts';
import { changeList } from './change-list.ts';
import { duration, moment, toneOf } from './describe.ts';
import { type Html, html } from './html.ts';
import { layout } from './layout.ts';
import { link } from './link.ts';

/** Another target of the same commit and environment, with the address of its page. */
export interface SiblingLink extends Sibling {
  url: string | undefined;
}

/** The links of the page. An address is undefined if the forge is no longer in server.yaml. */
export interface PageLinks {
  commit?: string | undefined;
  /** Pull requests whose merge made the commit, according to their webhooks. */
  pulls: { name: string; url: string | undefined }[];
  /** `path` is that from the root of the repository. */
  file?(path: string, line?: number): string | undefined;
  /** The target's previous release. */
  previous?: (Release & { url: string | undefined }) | undefined;
}

const stages: (keyof StageTimes)[] = ['queued', 'rendering', 'checking', 'applying', 'verifying', 'pruning'];

function nameOf({ target }: Pick<Release, 'target'>): string {
  const parts = parseTargetId(target);
  return parts ? shortName(parts) : target;
}

function reasonView(release: Release): Html | undefined {
  const text = describeOutcome(release);
  const hint = hintOf(release);
  if (text === undefined) return undefined;
  return html`<div class="card reason ${toneOf(release.state)}"><p>${text}</p>${
    hint === undefined ? undefined : html`<p class="quiet">${hint}</p>`
  }</div>`;
}

function causeText({ cause }: Release): string {
  if (cause.kind === 'manual') return cause.by === undefined ? 'by hand' : `by hand (${cause.by})`;
  const words = { push: 'a push', poll: 'the poll', retry: 'a retry' };
  return cause.by === undefined ? `by ${words[cause.kind]}` : `by ${words[cause.kind]} of ${cause.by}`;
}

function factsView(release: Release, links: PageLinks): Html {
  const { commit, startedAt, endedAt, attempts, target } = release;
  const took = endedAt === undefined ? undefined : duration(endedAt - startedAt);
  return html`<div class="card"><dl>
<dt>Target</dt><dd><code>${target}</code></dd>
<dt>Commit</dt><dd>${link(links.commit, html`<code>${commit}</code>`)}</dd>
${pullsView(links)}
<dt>Caused</dt><dd>${causeText(release)}</dd>
<dt>Started</dt><dd><time datetime="${new Date(startedAt).toISOString()}">${moment(startedAt)}</time></dd>
${took === undefined ? undefined : html`<dt>Took</dt><dd>${took}</dd>`}
${attempts > 1 ? html`<dt>Attempts</dt><dd>${attempts}</dd>` : undefined}
${previousView(links)}
</dl></div>`;
}

function pullsView({ pulls }: PageLinks): Html | undefined {
  if (pulls.length === 0) return undefined;
  const all = pulls.map(({ name, url }) => html`<li>${link(url, name)}</li>`);
  return html`<dt>Pull requests</dt><dd><ul class="inline">${all}</ul></dd>`;
}

function previousView({ previous }: PageLinks): Html | undefined {
  if (!previous) return undefined;
  const { url, number, state, commit } = previous;
  return html`<dt>Previous release</dt><dd>${link(url, `#${number}`)} <span class="${toneOf(state)}">${state}</span>, commit <code>${shortCommit(commit)}</code></dd>`;
}

function stagesView(times: StageTimes): Html | undefined {
  const taken = stages.flatMap((stage) => {
    const ms = times[stage];
    return ms === undefined ? [] : [html`<li><b>${duration(ms)}</b><span>${stage}</span></li>`];
  });
  return taken.length === 0 ? undefined : html`<h2>Stages</h2><ol class="stages">${taken}</ol>`;
}

function siblingsView(siblings: SiblingLink[]): Html | undefined {
  if (siblings.length === 0) return undefined;
  return html`<h2>Also moved by this commit</h2><div class="card"><ul>${siblings.map(
    (sibling) =>
      html`<li>${link(sibling.url, nameOf(sibling))} <span class="${toneOf(sibling.state)}">${
        sibling.state
      }</span></li>`,
  )}</ul></div>`;
}

/** The whole page as text: one release, its change set as recorded (masked), and its siblings. */
export function releasePage(
  release: ReleaseWithChanges,
  siblings: SiblingLink[],
  links: PageLinks = { pulls: [] },
): string {
  const { state, changeSet, times, number, commit } = release;
  const empty = isOpen(state) ? 'Nothing applied yet.' : 'No objects.';
  return layout({
    title: `${state}: ${nameOf(release)} #${number}`,
    body: html`<span class="state ${toneOf(state)}">${state}</span>
<h1>${nameOf(release)} #${number}</h1>
<p class="quiet">commit ${link(links.commit, html`<code>${shortCommit(commit)}</code>`)}</p>
${reasonView(release)}
${factsView(release, links)}
${stagesView(times)}
<h2>Changes: ${changeSet.changes.length === 0 ? empty : summarize(changeSet)}</h2>
${changeList(changeSet, links.file)}
${siblingsView(siblings)}`,
  });
}
