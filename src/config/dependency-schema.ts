import { z } from 'zod';
import type { RepositoryId, TargetParts } from '../model/target.ts';

/** A dependency of an app as written. */
export interface Dependency {
  app: string;
  /** Undefined: the repository of the file. */
  repository?: RepositoryId | undefined;
  /** Undefined: the environment of the dependent app. */
  environment?: string | undefined;
  line?: number | undefined;
}

const name = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const repository = '[a-z0-9-]+(?:/(?!\\.{1,2}/)[A-Za-z0-9._-]+){2,}';
const form = new RegExp(`^(?:(${name})|(${repository})//(${name})(?:@(${name}))?)$`);

/** `database`, `github/acme/infra//postgres`, `github/acme/infra//postgres@prod`. */
export const dependencySchema = z.string().regex(form, {
  error: 'must be the name of an app, or <repository>//<app>[@<environment>] for one of another repository',
});

/** A text that `dependencySchema` accepted. */
export function readDependency(text: string, line: number | undefined): Dependency {
  const [, own = text, repository, app = own, environment] = form.exec(text) ?? [];
  return { app, repository, environment, line };
}

/** The target that a dependency of `of` means. */
export function dependencyParts(dependency: Dependency, of: TargetParts): TargetParts {
  const { app, repository = of.repository, environment = of.environment } = dependency;
  return { repository, app, environment };
}
