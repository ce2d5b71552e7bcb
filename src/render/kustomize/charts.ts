import { posix } from 'node:path';
import { isRecord, recordsIn, textsIn } from '../record.ts';

/** One chart that a kustomization inflates. */
export interface InflatedChart {
  name: string;
  repo: string;
  version: string;
  releaseName: string;
  /** Folder of the charts, as written. */
  home: string;
  configHome: string;
  /** Values files as written, relative to the kustomization's folder. */
  values: string[];
}

/** The charts of `helmCharts` and of the older `helmChartInflationGenerator`. */
export function chartsOf(kustomization: Record<string, unknown>): InflatedChart[] {
  const globals = isRecord(kustomization.helmGlobals) ? kustomization.helmGlobals : {};
  const current = recordsIn(kustomization.helmCharts).map((item) => inflatedChart({ ...globals, ...item }));
  const older = recordsIn(kustomization.helmChartInflationGenerator).map((item) =>
    inflatedChart({
      name: item.chartName,
      repo: item.chartRepoUrl,
      version: item.chartVersion,
      releaseName: item.releaseName,
      valuesFile: item.values,
      chartHome: item.chartHome ?? globals.chartHome,
      configHome: item.helmHome ?? globals.configHome,
    }),
  );
  return [...current, ...older];
}

/** The same of a `HelmChartInflationGenerator` in a generator's file. */
export function inflatedChart(item: Record<string, unknown>): InflatedChart {
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const valuesFile = text(item.valuesFile);
  return {
    name: text(item.name),
    repo: text(item.repo),
    version: text(item.version),
    releaseName: text(item.releaseName),
    home: text(item.chartHome) || 'charts',
    configHome: text(item.configHome),
    values: [...(valuesFile === '' ? [] : [valuesFile]), ...textsIn(item.additionalValuesFiles)],
  };
}

/** Where Kustomize looks for the chart before it would pull it, relative to the kustomization's folder. */
export function chartFolder({ name, repo, version, home }: InflatedChart): string {
  const versioned = repo !== '' && version !== '';
  return versioned ? posix.join(home, `${name}-${version}`, name) : posix.join(home, name);
}
