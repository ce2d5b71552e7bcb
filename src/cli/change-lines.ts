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
    const { ref, action, source, fields, reason, hint } = change;
    const from = source === undefined ? '' : styleText('dim', `  ${plain(source)}`);
    const head = `${coloured(action)}${' '.repeat(11 - action.length)}${plain(describeRef(ref))}${from}`;
    const said = [reason, hint].flatMap((text) => (text === undefined ? [] : [`    ${plain(text)}`]));
    return [head, ...said, ...(asYaml ? yamlOf(fields) : fields.flatMap(fieldLines))];
  });
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
