import type {
  ClusterConfig,
  ForgeConfig,
  ProjectConfig,
  ServerConfig,
  TokenConfig,
} from './server-config.ts';

/** Explains what server.yaml means, without its secrets. */
export function explainServer(config: ServerConfig, file: string): string[] {
  const projects = Object.values(config.projects);
  return [
    file,
    `  webhooks, API and pages: ${config.publicUrl}, listening on ${config.listen.host}:${config.listen.port}`,
    ...Object.values(config.forges).map(explainForge),
    ...Object.values(config.clusters).map(explainCluster),
    ...(projects.length > 0
      ? projects.flatMap(explainProject)
      : ['  no projects: every repository is refused']),
    ...(config.api.tokens.length > 0
      ? config.api.tokens.map(explainToken)
      : ['  no api.tokens: the API is off']),
  ];
}

function explainToken({ name, role, projects }: TokenConfig): string {
  const where = projects ? `of the projects ${projects.join(', ')}` : 'of everything';
  return `  token ${name}: ${role} ${where}`;
}

function explainForge(forge: ForgeConfig): string {
  const auth = {
    app: 'as an app',
    token: 'with a token',
    none: 'without credentials: public repositories only, and no statuses',
  }[forge.auth.kind];
  return `  forge ${forge.name}: ${forge.url} ${auth}${forge.ssh ? ', fetching over SSH' : ''}; webhooks at /webhooks/${forge.name}`;
}

function explainCluster(cluster: ClusterConfig): string {
  const context = cluster.context ? `, context ${cluster.context}` : '';
  const access = cluster.inCluster ? 'the one that Slipway runs in' : `by kubeconfig${context}`;
  return `  cluster ${cluster.name}: ${access}; state namespace ${cluster.stateNamespace}`;
}

const pages = {
  signed: 'for who has the link',
  login: 'for who has a token of the project',
  off: 'off',
} as const satisfies Record<ProjectConfig['links'], string>;

function explainProject(project: ProjectConfig): string[] {
  const rules = Object.entries(project.clusters).map(([cluster, rule]) => {
    const account = rule.impersonate ? `as ${rule.impersonate}` : "with Slipway's own account";
    const create = rule.createNamespaces ? ', which it may create' : '';
    return `    ${cluster}: branches ${rule.branches.join(', ')}; namespaces ${rule.namespaces.join(', ')}${create}; ${account}`;
  });
  const own = project.webhookSecrets.length > 0 ? '; webhooks signed with its own secrets' : '';
  const clusterScoped = project.clusterScoped.join(', ') || 'none';
  return [
    `  project ${project.name}: ${project.repositories.join(', ')}${own}`,
    ...rules,
    `    cluster-scoped kinds: ${clusterScoped}`,
    `    release pages: ${pages[project.links]}`,
  ];
}
