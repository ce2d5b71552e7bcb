import { expect, it } from 'vitest';
import { z } from 'zod';
import type { CommitReportKey } from '../../../src/model/commit-report.ts';
import { sendStatuses } from '../../../src/notifications/commit-status/send-statuses.ts';
import { compositionUnderTest, quietRepository } from '../../support/composition.ts';
import { sandbox } from '../../support/sandbox.ts';

const neverAborts = new AbortController().signal;
const Statuses = z.array(z.object({ name: z.string(), status: z.string(), pipeline_id: z.int() }));

/** A call as another program makes it. */
async function gitlab(path: string, name: string, body?: object): Promise<unknown> {
  const { url, token } = sandbox().forge.gitlab;
  const response = await fetch(`${url}/api/v4/projects/${encodeURIComponent(name)}/${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { 'private-token': token, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return response.json();
}

it('the last status of a commit goes to the pipeline of its first one, whichever process posts it', async () => {
  const { slipway, composition, anotherHost } = await compositionUnderTest();
  const repository = await quietRepository(slipway, () => ({ 'README.md': 'loans' }), 'gitlab');
  const commit = await repository.push({ 'README.md': 'more loans' });
  const key: CommitReportKey = { repository: repository.id, commit, scope: 'production' };
  await composition.reports.write(key, [{ state: 'verifying' }]);
  await sendStatuses(key, composition, neverAborts);
  // Somebody starts another pipeline of the commit: GitLab takes the newest one for a status that names none.
  await slipway.forge.createBranch('gitlab', repository.name, 'other', commit);
  await gitlab(`statuses/${commit}`, repository.name, { state: 'success', name: 'ci', ref: 'other' });

  await anotherHost.reports.write(key, [{ state: 'succeeded' }]);
  await sendStatuses(key, anotherHost, neverAborts);

  const all = Statuses.parse(
    await gitlab(`repository/commits/${commit}/statuses?all=true&per_page=100`, repository.name),
  );
  const ours = all.filter(({ name }) => name === 'slipway/production');
  expect(ours.map(({ status }) => status)).toEqual(['success']);
});
