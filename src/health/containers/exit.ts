import { numberAt, textAt } from '../../model/json.ts';
import type { JsonObject, KubeObject } from '../../model/object.ts';
import { lastLine, withoutSecrets } from '../text.ts';

/** Exit codes that shells and signals (128 + signal) define. */
const meanings: Record<number, string> = {
  126: 'the command cannot be executed',
  127: 'the command was not found',
  134: 'aborted',
  137: 'killed',
  139: 'segmentation fault',
  143: 'terminated',
};

/**
 * How a container ended: `exited with code 1, 3 restarts: "no such table: loans"`. The program wrote the termination
 * message, so secrets in it are masked and only its last line is shown.
 */
export function describeExit(pod: KubeObject, spec: JsonObject, ended: JsonObject, restarts: number): string {
  const restarted = restarts > 0 ? `, ${restarts} ${restarts === 1 ? 'restart' : 'restarts'}` : '';
  const output = lastLine(withoutSecrets(textAt(ended, 'message'), pod));
  return `${reasonOfExit(spec, ended)}${restarted}${output === '' ? '' : `: "${output}"`}`;
}

function reasonOfExit(spec: JsonObject, ended: JsonObject): string {
  const reason = textAt(ended, 'reason');
  const code = numberAt(ended, 'exitCode');
  if (reason === 'OOMKilled') {
    const limit = textAt(spec, 'resources', 'limits', 'memory');
    return `OOMKilled: ${limit === '' ? 'the node ran out of memory' : `exceeded its memory limit of ${limit}`}`;
  }
  const meaning = meanings[code] ?? (['', 'Error', 'Completed'].includes(reason) ? undefined : reason);
  return `exited with code ${code}${meaning ? ` (${meaning})` : ''}`;
}
