import type { ChangeAction, ChangeSet, FieldChange, ObjectChange } from '../model/change-set.ts';
import { cutText } from '../model/cut-text.ts';
import { describeChange } from '../model/describe-failure.ts';
import { describeRef, type JsonValue } from '../model/object.ts';
import { describePlace, type SourcePlace } from '../model/source-place.ts';
import { type Html, html } from './html.ts';
import { link } from './link.ts';

/** The address of a file at the release's commit. */
export type FileLink = (path: string, line?: number) => string | undefined;

/** Bounds of one page; `slipway release` shows everything. */
const MOST_OBJECTS = 500;
const MOST_FIELDS = 50;
const LONGEST_VALUE = 2_000;
const MOST_LINES = 200;

const tones: Record<ChangeAction, string> = {
  created: 'good',
  configured: 'busy',
  recreated: 'busy',
  unchanged: 'idle',
  pruned: 'bad',
  skipped: 'idle',
  failed: 'bad',
};

const lineTones: Record<string, string> = { '-': 'gone', '+': 'come' };

function valueText(value: JsonValue): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return cutText(text, LONGEST_VALUE);
}

function linesView(lines: string[]): Html {
  const more = lines.length - MOST_LINES;
  return html`<span class="value">${lines
    .slice(0, MOST_LINES)
    .map((line) => html`<span class="line ${lineTones[line[0] ?? ''] ?? 'quiet'}">${line}</span>`)}${
    more > 0 ? html`<span class="line quiet">… and ${more} more lines</span>` : undefined
  }</span>`;
}

function fieldView({ path, before, after, lines }: FieldChange): Html {
  if (lines) return html`<div class="field"><code>${path}</code>${linesView(lines)}</div>`;
  return html`<div class="field"><code>${path}</code>${
    before === undefined ? undefined : html`<span class="value before">${valueText(before)}</span>`
  }${after === undefined ? undefined : html`<span class="value after">${valueText(after)}</span>`}</div>`;
}

function objectView(change: ObjectChange, fileLink: FileLink): Html {
  const { ref, action, source, fields, moreFields = 0 } = change;
  const more = Math.max(0, fields.length - MOST_FIELDS) + moreFields;
  return html`<div class="card">
<div class="object"><span class="action ${tones[action]}">${action}</span><strong>${describeRef(ref)}</strong>${
    source === undefined ? undefined : sourceView(source, fileLink)
  }</div>
${remarks(change)}
${fields.slice(0, MOST_FIELDS).map(fieldView)}
${more > 0 ? html`<p class="quiet">… and ${more} more fields</p>` : undefined}
</div>`;
}

function sourceView(source: SourcePlace, fileLink: FileLink): Html {
  const url = fileLink(source.file, source.line);
  return html`<code class="quiet">${link(url, describePlace(source))}</code>`;
}

function remarks(change: ObjectChange): Html[] {
  const { tookFrom = [], warnings = [] } = change;
  const { text, hint } = describeChange(change);
  const lost = tookFrom.length > 0 ? [`Fields taken from ${tookFrom.join(', ')}.`] : [];
  const warned = warnings.map((warning) => `Warning: ${warning}`);
  return [
    ...text.map((line) => html`<p>${line}</p>`),
    ...[hint ?? [], lost, warned].flat().map((line) => html`<p class="quiet">${line}</p>`),
  ];
}

/** What changed, failures first; unchanged objects without remarks are folded. */
export function changeList(
  { changes, warnings = [] }: ChangeSet,
  fileLink: FileLink = () => undefined,
): Html {
  const order: ChangeAction[] = ['failed', 'created', 'configured', 'recreated', 'pruned', 'skipped'];
  const isStill = ({ action, failure, notice }: ObjectChange) =>
    action === 'unchanged' && !failure && !notice;
  const moved = [
    ...order.flatMap((action) => changes.filter((change) => change.action === action)),
    ...changes.filter((change) => change.action === 'unchanged' && !isStill(change)),
  ];
  const still = changes.filter(isStill);
  const more = moved.length - MOST_OBJECTS;
  return html`${warnings.map((warning) => html`<p class="quiet">Warning: ${warning}</p>`)}
${moved.slice(0, MOST_OBJECTS).map((change) => objectView(change, fileLink))}
${more > 0 ? html`<p class="quiet">… and ${more} more objects</p>` : undefined}
${still.length > 0 ? unchangedList(still) : undefined}`;
}

function unchangedList(still: ObjectChange[]): Html {
  const more = still.length - MOST_OBJECTS;
  return html`<details><summary>${still.length} unchanged</summary><ul>${still
    .slice(0, MOST_OBJECTS)
    .map(({ ref }) => html`<li>${describeRef(ref)}</li>`)}</ul>${
    more > 0 ? html`<p class="quiet">… and ${more} more</p>` : undefined
  }</details>`;
}
