import { SlipwayError, toSlipwayError } from '../errors.ts';
import { type RepositoryId, type TargetId, type TargetParts, targetId } from '../model/target.ts';
import type { Admission } from '../ports/admission.ts';
import { dependencyParts } from './dependency-schema.ts';
import type { SlipwayConfig } from './slipway-schema.ts';

/** The line that makes one target depend on another; the app's line if that is not known. */
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
