import type { CommitRecord } from '../../git/history.ts';
import type { Repository } from '../../state.ts';
import { apiUrl } from './repository.ts';
import { DEVELOPER_LOGIN, nodeId, userView } from './user.ts';

/** https://docs.github.com/en/rest/commits/commits#get-a-commit, without the files, because nothing may depend on them. */
export const commitView = (url: string, repository: Repository, commit: CommitRecord) => {
  const api = apiUrl(url, repository);
  const html = `${url}/${repository.fullName}/commit`;
  const at = `${api}/commits/${commit.sha}`;
  return {
    url: at,
    sha: commit.sha,
    node_id: nodeId('C', repository.id),
    html_url: `${html}/${commit.sha}`,
    comments_url: `${at}/comments`,
    commit: {
      url: `${api}/git/commits/${commit.sha}`,
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      comment_count: 0,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      verification: {
        verified: false,
        reason: 'unsigned',
        payload: null,
        signature: null,
        verified_at: null,
      },
    },
    author: userView(url, DEVELOPER_LOGIN),
    committer: userView(url, DEVELOPER_LOGIN),
    parents: commit.parents.map((sha) => ({ sha, url: `${api}/commits/${sha}`, html_url: `${html}/${sha}` })),
  };
};
