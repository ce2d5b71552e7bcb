import { numberAt, textAt } from '../../model/json.ts';
import type { JsonObject, KubeObject } from '../../model/object.ts';
import { lastLine, withoutSecrets } from '../text.ts';

/** What shells and signals mean by an exit code (128 + signal). */
const meanings: Record<number, string> = {
  126: 'the command cannot be executed',
  127: 'the command was not found',
  134: 'aborted',
  137: 'killed',
  139: 'segmentation fault',
  143: 'terminated',
};

/**
 * How a container ended, for a person: `exited with code 1, 3 restarts: "no such table: loans"`. The termination
 * message is what the program wrote, so it is masked and cut to a line.
 */
export function describeExit(pod: KubeObject, spec: JsonObject, ended: JsonObject, restarts: number): string {
  const again = restarts > 0 ? `, ${restarts} ${restarts === 1 ? 'restart' : 'restarts'}` : '';
  const words = lastLine(withoutSecrets(textAt(ended, 'message'), pod));
  return `${ending(spec, ended)}${again}${words === '' ? '' : `: "${words}"`}`;
}

function ending(spec: JsonObject, ended: JsonObject): string {
  const reason = textAt(ended, 'reason');
  const code = numberAt(ended, 'exitCode');
  if (reason === 'OOMKilled') {
    const limit = textAt(spec, 'resources', 'limits', 'memory');
    return `OOMKilled: it needed more memory than ${limit === '' ? 'the node has' : `its limit of ${limit}`}`;
  }
  const meaning = meanings[code] ?? (['', 'Error', 'Completed'].includes(reason) ? undefined : reason);
  return `exited with code ${code}${meaning ? ` (${meaning})` : ''}`;
}
