import { SlipwayError } from '../../errors.ts';
import type { Target } from '../../model/target.ts';
import type { Reach } from '../reach.ts';
import { sourceFile } from './source-file.ts';

/**
 * Helm's error as one sentence at the author's file. Helm 4 names a template as `chart/templates/x.yaml:12:4`, at the
 * beginning or in brackets, and says what is wrong at the end.
 */
export function helmFailure(stderr: string, target: Target, reach: Reach): SlipwayError {
  const text = stderr
    .replace(/^(WARNING|level=|time=).*$/gm, '')
    .replace(/^Error: /m, '')
    .replace(/\n*Use --debug flag.*/s, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
  const readable = withRepositoryPaths(text, reach);
  return new SlipwayError('RENDER_FAILED', readable || 'helm failed without a word', {
    place: placeIn(text, target, reach),
  });
}

function placeIn(text: string, target: Target, reach: Reach) {
  const values = /values\/(\d+)-\S+?(?=:| )/.exec(text);
  const file = values === null ? undefined : reach.files.get(values[0])?.path;
  if (file !== undefined) return { file, line: numberIn(/yaml: line (\d+)/, text) };
  const template = /(?<![\w./-])([\w.-]+(?:\/[\w.-]+)+\.(?:ya?ml|tpl|txt|json))(?::(\d+))?/.exec(text);
  if (template?.[1] === undefined) return { file: target.path };
  const line = template[2] === undefined ? undefined : Number(template[2]);
  return { file: sourceFile(template[1], reach), line };
}

function withRepositoryPaths(text: string, reach: Reach): string {
  return text
    .replace(/values\/\d+-[\w.-]+/g, (mount) => reach.files.get(mount.replace(/:$/, ''))?.path ?? mount)
    .replace(/(?<![\w./-])[\w.-]+(?:\/[\w.-]+)+\.(?:ya?ml|tpl|txt|json)/g, (source) =>
      sourceFile(source, reach),
    );
}

function numberIn(pattern: RegExp, text: string): number | undefined {
  const [, digits] = pattern.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
