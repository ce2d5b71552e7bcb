import { constructFromEvents, EVENT_ID, type Event, parseEvents, YAMLException } from 'js-yaml';
import { SlipwayError } from '../../errors.ts';
import { InexactNumber, kubernetesSchema } from './schema.ts';

/** One document of a YAML or JSON text. */
export interface YamlDocument {
  /** Null for an empty document. */
  value: unknown;
  /** 1-based line where its content starts. */
  line: number;
  /** Where its content starts in the text. */
  offset: number;
}

/** Enough for any manifest that people write; each alias may repeat a whole subtree. */
const MAX_ALIASES = 200;

/**
 * All documents of a text, by the rules of kubectl. Throws OBJECT_INVALID with file and line, never with the text
 * itself, which may hold secrets.
 */
export function parseDocuments(text: string, file: string): YamlDocument[] {
  try {
    const events = parseEvents(text, { filename: file });
    const options = { source: text, filename: file, schema: kubernetesSchema, maxAliases: MAX_ALIASES };
    const values = constructFromEvents(events, options);
    const starts = documentStarts(events);
    const lineAt = lineCounter(text);
    return values.map((value, index) => {
      const offset = starts[index] ?? 0;
      return { value, offset, line: lineAt(offset) };
    });
  } catch (error) {
    throw asInvalid(error, text, file);
  }
}

/** Offset of each document's first node; of an empty one that of the document before. */
function documentStarts(events: Event[]): number[] {
  const starts: number[] = [];
  let last = 0;
  for (const [index, event] of events.entries()) {
    if (event.type !== EVENT_ID.DOCUMENT) continue;
    const offset = nodeStart(events[index + 1]);
    if (offset >= 0) last = offset;
    starts.push(last);
  }
  return starts;
}

function nodeStart(event: Event | undefined): number {
  if (event?.type === EVENT_ID.SCALAR) return event.valueStart;
  if (event?.type === EVENT_ID.MAPPING || event?.type === EVENT_ID.SEQUENCE) return event.start;
  return -1;
}

/** Lines of growing offsets, in one pass over the text. */
function lineCounter(text: string): (offset: number) => number {
  let line = 1;
  let at = 0;
  return (offset) => {
    for (let next = text.indexOf('\n', at); next >= 0 && next < offset; next = text.indexOf('\n', at)) {
      line += 1;
      at = next + 1;
    }
    return line;
  };
}

function asInvalid(error: unknown, text: string, file: string): SlipwayError {
  if (error instanceof YAMLException) {
    const line = error.mark === undefined ? undefined : error.mark.line + 1;
    return new SlipwayError('OBJECT_INVALID', `not valid YAML: ${error.reason}`, { place: { file, line } });
  }
  if (error instanceof InexactNumber) {
    return new SlipwayError('OBJECT_INVALID', error.message, {
      place: { file, line: lineOf(text, error.source) },
    });
  }
  if (error instanceof SlipwayError) return error;
  return new SlipwayError('OBJECT_INVALID', 'not valid YAML', { place: { file }, cause: error });
}

/** The first line that holds `needle` as a whole word; for errors whose reader knows only the words. */
export function lineOf(text: string, needle: string): number | undefined {
  const escaped = needle.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const found = new RegExp(`(?<![\\w./-])${escaped}(?![\\w/-])`).exec(text);
  if (!found) return undefined;
  return text.slice(0, found.index).split('\n').length;
}
