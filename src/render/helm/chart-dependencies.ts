import { isRecord, recordsIn } from '../record.ts';
import { parseDocuments } from '../yaml/documents.ts';

export interface Dependency {
  name: string;
  repository: string;
  version: string;
  alias: string;
}

/** What Slipway reads of a Chart.yaml, or of the older requirements.yaml. */
export interface ChartFile {
  name: string;
  /** The chart says which versions of Kubernetes it is for. */
  hasKubeVersion: boolean;
  dependencies: Dependency[];
}

/** Throws OBJECT_INVALID with file and line where it is not YAML; the rest is for Helm to judge. */
export function parseChartFile(text: string, path: string): ChartFile {
  const [document] = parseDocuments(text, path);
  const chart = isRecord(document?.value) ? document.value : {};
  const word = (value: unknown) => (typeof value === 'string' ? value : '');
  return {
    name: word(chart.name),
    hasKubeVersion: word(chart.kubeVersion) !== '',
    dependencies: recordsIn(chart.dependencies).map((item) => ({
      name: word(item.name),
      repository: word(item.repository),
      version: word(item.version),
      alias: word(item.alias),
    })),
  };
}
