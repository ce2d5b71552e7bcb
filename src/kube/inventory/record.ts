import type { JsonObject, JsonValue } from '../../model/object.ts';
import type { TargetId } from '../../model/target.ts';
import type { ParentRecord, RecordLine } from '../../ports/cluster.ts';

const keptLines = 10;
/** A line has a few hundred bytes. Texts from a forge are cut, so that the parent stays below 64 KiB. */
const longestText = 512;

/** A record as the data of its parent: one JSON line a release, newest first, readable with kubectl. */
export function encodeRecord(record: ParentRecord): Record<string, string> {
  const history = record.history.slice(0, keptLines).map(encodeLine);
  return {
    ...(record.inForce ? { inForce: encodeLine(record.inForce) } : {}),
    history: history.map((line) => `${line}\n`).join(''),
  };
}

/** Lines that cannot be read are left out: a record informs, it decides nothing that Git does not say too. */
export function decodeRecord(target: TargetId, data: JsonObject): ParentRecord {
  const { inForce, history } = data;
  return {
    target,
    inForce: typeof inForce === 'string' ? decodeLine(inForce) : undefined,
    history: String(history ?? '')
      .split('\n')
      .flatMap((line) => decodeLine(line) ?? []),
  };
}

function encodeLine(line: RecordLine): string {
  const { number, commit, contentKey, policyKey, state, at, by } = line;
  const texts = { commit: clip(commit), contentKey: clip(contentKey), state, at: clip(at) };
  return JSON.stringify({ number, ...texts, policyKey, ...(by ? { by: clip(by) } : {}) });
}

function clip(text: string): string {
  return text.slice(0, longestText);
}

function decodeLine(text: string): RecordLine | undefined {
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isLine(value) ? value : undefined;
}

function isLine(value: JsonValue): value is JsonObject & RecordLine {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const texts = [value.commit, value.contentKey, value.state, value.at];
  return typeof value.number === 'number' && texts.every((text) => typeof text === 'string');
}
