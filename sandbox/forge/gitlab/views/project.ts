import type { Repository } from '../../state.ts';

/** The project as webhooks carry it. */
export const hookProjectView = (url: string, repository: Repository) => {
  const web = `${url}/${repository.fullName}`;
  const ssh = `git@${new URL(url).hostname}:${repository.fullName}.git`;
  return {
    id: repository.id,
    name: repository.name,
    description: '',
    web_url: web,
    avatar_url: null,
    git_ssh_url: ssh,
    git_http_url: `${web}.git`,
    namespace: repository.owner,
    visibility_level: repository.private ? 0 : 20,
    path_with_namespace: repository.fullName,
    default_branch: repository.defaultBranch,
    ci_config_path: null,
    homepage: web,
    url: ssh,
    ssh_url: ssh,
    http_url: `${web}.git`,
  };
};

/** The project as `GET /projects/:id` returns it. */
export const projectView = (url: string, repository: Repository) => {
  const web = `${url}/${repository.fullName}`;
  return {
    id: repository.id,
    description: null,
    name: repository.name,
    name_with_namespace: repository.fullName.split('/').join(' / '),
    path: repository.name,
    path_with_namespace: repository.fullName,
    created_at: new Date(repository.createdAt).toISOString(),
    default_branch: repository.defaultBranch,
    tag_list: [],
    topics: [],
    ssh_url_to_repo: `git@${new URL(url).hostname}:${repository.fullName}.git`,
    http_url_to_repo: `${web}.git`,
    web_url: web,
    readme_url: null,
    avatar_url: null,
    forks_count: 0,
    star_count: 0,
    last_activity_at: new Date(repository.pushedAt).toISOString(),
    visibility: repository.private ? 'private' : 'public',
    merge_method: 'merge',
    squash_option: 'default_off',
    archived: false,
  };
};
