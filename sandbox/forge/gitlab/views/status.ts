import type { StatusRecord } from '../../state.ts';
import { userView } from './user.ts';

const FINISHED = ['success', 'failed', 'canceled'];

/** https://docs.gitlab.com/api/commits/#set-commit-pipeline-status */
export const statusView = (url: string, status: StatusRecord) => ({
  id: status.id,
  sha: status.sha,
  ref: status.ref,
  status: status.state,
  name: status.context,
  target_url: status.targetUrl,
  description: status.description,
  created_at: new Date(status.at).toISOString(),
  started_at: status.state === 'pending' ? null : new Date(status.updatedAt).toISOString(),
  finished_at: FINISHED.includes(status.state) ? new Date(status.updatedAt).toISOString() : null,
  allow_failure: false,
  coverage: null,
  pipeline_id: status.pipelineId,
  author: userView(url),
});
