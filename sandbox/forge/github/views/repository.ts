import { isoTime } from '../../clock.ts';
import type { Repository } from '../../state.ts';
import { nodeId, userView } from './user.ts';

const LINKS: Record<string, string> = {
  forks_url: '/forks',
  keys_url: '/keys{/key_id}',
  collaborators_url: '/collaborators{/collaborator}',
  teams_url: '/teams',
  hooks_url: '/hooks',
  issue_events_url: '/issues/events{/number}',
  events_url: '/events',
  assignees_url: '/assignees{/user}',
  branches_url: '/branches{/branch}',
  tags_url: '/tags',
  blobs_url: '/git/blobs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  git_refs_url: '/git/refs{/sha}',
  trees_url: '/git/trees{/sha}',
  statuses_url: '/statuses/{sha}',
  languages_url: '/languages',
  stargazers_url: '/stargazers',
  contributors_url: '/contributors',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  commits_url: '/commits{/sha}',
  git_commits_url: '/git/commits{/sha}',
  comments_url: '/comments{/number}',
  issue_comment_url: '/issues/comments{/number}',
  contents_url: '/contents/{+path}',
  compare_url: '/compare/{base}...{head}',
  merges_url: '/merges',
  archive_url: '/{archive_format}{/ref}',
  downloads_url: '/downloads',
  issues_url: '/issues{/number}',
  pulls_url: '/pulls{/number}',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  labels_url: '/labels{/name}',
  releases_url: '/releases{/id}',
  deployments_url: '/deployments',
};

/** Address of a repository's REST resources. */
export const apiUrl = (url: string, repository: Repository): string =>
  `${url}/api/v3/repos/${repository.fullName}`;

const SETTINGS = {
  description: null,
  fork: false,
  homepage: null,
  size: 0,
  stargazers_count: 0,
  watchers_count: 0,
  language: null,
  has_issues: true,
  has_projects: false,
  has_downloads: false,
  has_wiki: false,
  has_pages: false,
  has_discussions: false,
  forks_count: 0,
  mirror_url: null,
  archived: false,
  disabled: false,
  license: null,
  forks: 0,
  watchers: 0,
  is_template: false,
  web_commit_signoff_required: false,
  topics: [],
  custom_properties: {},
};

/** The repository as webhooks carry it. */
export const repositoryView = (url: string, repository: Repository) => {
  const api = apiUrl(url, repository);
  const open = [...repository.pulls.values()].filter((pull) => pull.state === 'open').length;
  const links = Object.entries(LINKS).map(([name, suffix]): [string, string] => [name, `${api}${suffix}`]);
  return {
    id: repository.id,
    node_id: nodeId('R', repository.id),
    name: repository.name,
    full_name: repository.fullName,
    private: repository.private,
    owner: userView(url, repository.owner, 'Organization'),
    html_url: `${url}/${repository.fullName}`,
    url: api,
    ...Object.fromEntries(links),
    ...SETTINGS,
    created_at: isoTime(repository.createdAt),
    updated_at: isoTime(repository.pushedAt),
    pushed_at: isoTime(repository.pushedAt),
    git_url: `${url.replace(/^https?/, 'git')}/${repository.fullName}.git`,
    ssh_url: `git@${new URL(url).hostname}:${repository.fullName}.git`,
    clone_url: `${url}/${repository.fullName}.git`,
    svn_url: `${url}/${repository.fullName}`,
    open_issues_count: open,
    open_issues: open,
    default_branch: repository.defaultBranch,
    visibility: repository.private ? 'private' : 'public',
  };
};

/** The repository as `GET /repos/{owner}/{repo}` returns it. */
export const fullRepositoryView = (url: string, repository: Repository) => ({
  ...repositoryView(url, repository),
  network_count: 0,
  subscribers_count: 0,
  permissions: { admin: true, maintain: true, push: true, triage: true, pull: true },
});
