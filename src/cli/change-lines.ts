import { styleText } from 'node:util';
import { describeChange } from '../model/describe-failure.ts';
import { describeRef, type JsonValue } from '../model/object.ts';
import { describePlace } from '../model/source-place.ts';
import { yamlDiff } from '../model/yaml-diff.ts';
import type { ChangeResponse } from './api-schema.ts';
import { coloured } from './describe.ts';
import { plain } from './table.ts';

const colours = { '-': 'red', '+': 'green' } as const;

/** A change set for a person: every object with its action, then its fields, as a list or as a YAML diff. */
export function changeLines(changes: ChangeResponse[], asYaml: boolean): string[] {
  return changes.flatMap((change) => {
    const { ref, action, source, fields } = change;
    const from = source === undefined ? '' : styleText('dim', `  ${plain(describePlace(source))}`);
    const head = `${coloured(action)}${' '.repeat(11 - action.length)}${plain(describeRef(ref))}${from}`;
    return [
      head,
      ...remarks(change),
      ...(asYaml ? yamlOf(fields) : fields.flatMap(fieldLines)),
      ...rest(change),
    ];
  });
}

/** Warnings about the files, before the objects. */
export function warningLines(warnings: string[] = []): string[] {
  return warnings.map((warning) => `${styleText('yellow', 'warning:')} ${plain(warning)}`);
}

function remarks(change: ChangeResponse): string[] {
  const { tookFrom = [], warnings = [] } = change;
  const { text, hint } = describeChange(change);
  const lost = tookFrom.length > 0 ? `fields taken from ${tookFrom.join(', ')}` : undefined;
  const warned = warnings.map((warning) => `warning: ${warning}`);
  return [...text, hint, lost, ...warned].flatMap((remark) =>
    remark === undefined ? [] : [`    ${plain(remark)}`],
  );
}

function rest({ moreFields }: ChangeResponse): string[] {
  return moreFields === undefined ? [] : [`    … and ${moreFields} more fields`];
}

function yamlOf(fields: ChangeResponse['fields']): string[] {
  return yamlDiff(fields).map(({ sign, text }) => signed(sign, `  ${sign} ${shown(text)}`));
}

function fieldLines({ path, before, after, lines }: ChangeResponse['fields'][number]): string[] {
  const sides = lines ?? [...side('-', before), ...side('+', after)];
  return [`    ${plain(path)}`, ...sides.map((line) => signed(line.slice(0, 1), `      ${shown(line)}`))];
}

function side(sign: '-' | '+', value: JsonValue | undefined): string[] {
  if (value === undefined) return [];
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.split('\n').map((line) => `${sign} ${line}`);
}

function signed(sign: string, text: string): string {
  return styleText(sign === '-' || sign === '+' ? colours[sign] : 'dim', text);
}

/** Indented as in the file, which `plain` would not leave. */
function shown(text: string): string {
  return plain(text.replaceAll('\t', '    '));
}
