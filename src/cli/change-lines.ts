import { styleText } from 'node:util';
import { describeRef, type JsonValue } from '../model/object.ts';
import { yamlDiff } from '../model/yaml-diff.ts';
import type { ChangeAnswer } from './api-schema.ts';
import { plain } from './table.ts';
import { coloured } from './words.ts';

const colours = { '-': 'red', '+': 'green', ' ': 'dim' } as const;

/** A change set for a person: every object with what came of it, then its fields, as a list or as a YAML diff. */
export function changeLines(changes: ChangeAnswer[], asYaml: boolean): string[] {
  return changes.flatMap((change) => {
    const { ref, action, source, fields } = change;
    const from = source === undefined ? '' : styleText('dim', `  ${plain(source)}`);
    const head = `${coloured(action)}${' '.repeat(11 - action.length)}${plain(describeRef(ref))}${from}`;
    return [
      head,
      ...remarks(change),
      ...(asYaml ? yamlOf(fields) : fields.flatMap(fieldLines)),
      ...rest(change),
    ];
  });
}

function remarks({ reason, hint, tookFrom = [], warnings = [] }: ChangeAnswer): string[] {
  const lost = tookFrom.length > 0 ? `took fields from ${tookFrom.join(', ')}` : undefined;
  const warned = warnings.map((warning) => `warning: ${warning}`);
  return [reason, hint, lost, ...warned].flatMap((text) =>
    text === undefined ? [] : [`    ${plain(text)}`],
  );
}

function rest({ moreFields }: ChangeAnswer): string[] {
  return moreFields === undefined ? [] : [`    … and ${moreFields} more fields`];
}

function yamlOf(fields: ChangeAnswer['fields']): string[] {
  return yamlDiff(fields).map(({ sign, text }) => styleText(colours[sign], `  ${sign} ${plain(text)}`));
}

function fieldLines({ path, before, after }: ChangeAnswer['fields'][number]): string[] {
  return [
    `    ${plain(path)}`,
    ...(before === undefined ? [] : [styleText('red', `      - ${valueText(before)}`)]),
    ...(after === undefined ? [] : [styleText('green', `      + ${valueText(after)}`)]),
  ];
}

function valueText(value: JsonValue): string {
  return plain(typeof value === 'string' ? value : JSON.stringify(value));
}
