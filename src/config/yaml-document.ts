import { Composer, type Document, Lexer, type LineCounter, Parser, YAMLParseError } from 'yaml';

/** A file exceeds what is read of one. The message completes "the file …". */
export class YamlLimitError extends Error {}

/** More than the lexemes of a file of 2,000 apps with ten lines each. */
const maxLexemes = 250_000;
/** The composer is recursive. No file of ours has more than eight levels. */
const maxDepth = 100;

/**
 * Parses as the library's `parseDocument` does, but stops at the first lexeme beyond the bounds: they bound the work,
 * which the size of the file does not. Throws YamlLimitError.
 */
export function parseBounded(text: string, lineCounter: LineCounter): Document.Parsed {
  const composer = new Composer({
    stringKeys: true,
    // The library's check of unique keys is quadratic; `lostKeys` passes once.
    uniqueKeys: false,
    logLevel: 'error',
  });
  const [document, second] = composer.compose(tokensOf(text, lineCounter), true, text.length);
  // The library always returns a document if it is forced to.
  if (!document) throw new YamlLimitError('is empty');
  if (second) {
    const message = 'Source contains multiple documents; write them as one';
    document.errors.push(new YAMLParseError([second.range[0], second.range[1]], 'MULTIPLE_DOCS', message));
  }
  return document;
}

function* tokensOf(text: string, lineCounter: LineCounter) {
  const parser = new Parser(lineCounter.addNewLine);
  lineCounter.addNewLine(0);
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    count += 1;
    if (count > maxLexemes) throw new YamlLimitError(`has more than ${maxLexemes} words and signs`);
    yield* parser.next(lexeme);
    if (parser.stack.length > maxDepth) throw new YamlLimitError('is nested too deeply');
  }
  yield* parser.end();
}
