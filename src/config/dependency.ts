import { z } from 'zod';
import { SlipwayError, toSlipwayError } from '../errors.ts';
import { type RepositoryId, type TargetId, type TargetParts, targetId } from '../model/target.ts';
import type { Admission } from '../ports/admission.ts';
import type { SlipwayConfig } from './slipway-schema.ts';

/** What an app waits for, as written. */
export interface Dependency {
  app: string;
  /** Undefined: the file's own. */
  repository?: RepositoryId | undefined;
  /** Undefined: the one of the app that waits. */
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

/** What a dependency means for one target. */
export function dependencyParts(dependency: Dependency, of: TargetParts): TargetParts {
  const { app, repository = of.repository, environment = of.environment } = dependency;
  return { repository, app, environment };
}

/** Where it is written that one target waits for another; the line of the app where that cannot be said. */
export function lineOfDependency(
  { apps }: SlipwayConfig,
  waiting: TargetParts,
  on: TargetId,
): number | undefined {
  const app = apps[waiting.app] ?? apps['*'];
  const written = app?.dependsOn.find((one) => targetId(dependencyParts(one, waiting)) === on);
  return written?.line ?? app?.line;
}

/** An error for each dependency on a repository of another project, with its line. */
export function refusedDependencies(
  { apps, file }: SlipwayConfig,
  repository: RepositoryId,
  admission: Pick<Admission, 'admitDependency'>,
): SlipwayError[] {
  const refused: SlipwayError[] = [];
  for (const app of Object.values(apps)) {
    for (const { repository: other, line } of app.dependsOn) {
      try {
        if (other !== undefined) admission.admitDependency(repository, other);
      } catch (thrown) {
        const { code, message, hint } = toSlipwayError(thrown);
        const place = { file, line };
        refused.push(new SlipwayError(code, `apps.${app.name}.dependsOn: ${message}`, { hint, place }));
      }
    }
  }
  return refused;
}
