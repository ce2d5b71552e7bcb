import type { Face } from '../../sandbox/forge/protocol.ts';
import { commitReportsContract, type StateWords } from './commit-reports.contract.ts';
import { gitAccessContract } from './git-access.contract.ts';
import { webhookContract } from './webhook.contract.ts';

/** One suite for every forge: it proves the promises of the port against the sandbox's forge. */
export function forgeContract(face: Face, words: StateWords): void {
  webhookContract(face);
  commitReportsContract(face, words);
  gitAccessContract(face);
}
