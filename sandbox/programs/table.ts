import { join } from 'node:path';
import { hashOfSources } from './sources.ts';

/** Every program of the sandbox: its version, where its official release is, and the Go package it is built from. */

export const PROGRAM_NAMES = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
  'kwok',
  'helm',
  'kustomize',
  'slipway-engine',
] as const;
export type ProgramName = (typeof PROGRAM_NAMES)[number];

/** One file of a release: the program itself, or an archive with programs in it. */
export interface Download {
  url: string;
  /** The file with the SHA-256 of `url`: the checksum alone, or one line for each file of the release. */
  checksumUrl: string;
  /** Name of each program within the archive; undefined if `url` is the one program. */
  members?: Partial<Record<ProgramName, string>>;
  /** The program that `url` is, if it is no archive. */
  program?: ProgramName;
}

/** Programs that are downloaded or built together. */
export interface Unit {
  name: string;
  version: string;
  programs: readonly ProgramName[];
  /** Undefined: there is no release; it is ours. */
  downloads?: (platform: Platform) => readonly Download[];
  build: {
    /** Folder of the module that pins it. */
    module: string;
    /** Keeps Go's own build cache, so that a change of our sources costs seconds. */
    incremental?: true;
    package: string;
    /** Name of the built file; programs that have another name are links to it. */
    output: string;
    ldflags: readonly string[];
  };
}

/** The names that Go and the releases use. */
export interface Platform {
  os: string;
  arch: string;
}

const KUBERNETES = 'v1.37.2';
const ETCD = 'v3.7.3';
const KWOK = 'v0.8.0';
const HELM = 'v4.3.1';
const KUSTOMIZE = 'v5.8.1';

/** The module that pins every foreign program; see its go.mod. */
const TOOLS = join(import.meta.dirname, '..', 'tools');
const ENGINE = join(import.meta.dirname, '..', '..', 'engine');

/** The order is the order of building: the quick ones first. */
export const UNITS: readonly Unit[] = [
  {
    name: 'kustomize',
    version: KUSTOMIZE,
    programs: ['kustomize'],
    downloads: ({ os, arch }) => [
      {
        url: `${githubRelease('kubernetes-sigs/kustomize', `kustomize%2F${KUSTOMIZE}`)}/kustomize_${KUSTOMIZE}_${os}_${arch}.tar.gz`,
        checksumUrl: `${githubRelease('kubernetes-sigs/kustomize', `kustomize%2F${KUSTOMIZE}`)}/checksums.txt`,
        members: { kustomize: 'kustomize' },
      },
    ],
    build: { module: TOOLS, package: 'sigs.k8s.io/kustomize/kustomize/v5', output: 'kustomize', ldflags: [] },
  },
  {
    name: 'helm',
    version: HELM,
    programs: ['helm'],
    downloads: ({ os, arch }) => [
      {
        url: `https://get.helm.sh/helm-${HELM}-${os}-${arch}.tar.gz`,
        checksumUrl: `https://get.helm.sh/helm-${HELM}-${os}-${arch}.tar.gz.sha256sum`,
        members: { helm: `${os}-${arch}/helm` },
      },
    ],
    build: {
      module: TOOLS,
      package: 'helm.sh/helm/v4/cmd/helm',
      output: 'helm',
      ldflags: [`-X helm.sh/helm/v4/internal/version.version=${HELM}`],
    },
  },
  {
    name: 'control-plane',
    version: `${KUBERNETES}-etcd-${ETCD}`,
    programs: ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'],
    downloads: (platform) => [...kubernetesDownloads(platform), etcdDownload(platform)],
    build: {
      module: TOOLS,
      package: './controlplane',
      output: 'controlplane',
      // Without a version kubectl refuses to talk to the server.
      ldflags: [
        `-X k8s.io/component-base/version.gitVersion=${KUBERNETES}`,
        '-X k8s.io/component-base/version.gitMajor=1',
        '-X k8s.io/component-base/version.gitMinor=37',
      ],
    },
  },
  {
    name: 'kwok',
    version: KWOK,
    programs: ['kwok'],
    downloads: ({ os, arch }) => [
      {
        url: `${githubRelease('kubernetes-sigs/kwok', KWOK)}/kwok-${os}-${arch}`,
        checksumUrl: `${githubRelease('kubernetes-sigs/kwok', KWOK)}/kwok-${os}-${arch}.sha256`,
        program: 'kwok',
      },
    ],
    build: { module: TOOLS, package: 'sigs.k8s.io/kwok/cmd/kwok', output: 'kwok', ldflags: [] },
  },
  {
    name: 'slipway-engine',
    version: hashOfSources(ENGINE),
    programs: ['slipway-engine'],
    build: {
      module: ENGINE,
      incremental: true,
      package: '.',
      output: 'slipway-engine',
      // Helm's own version, which charts can see.
      ldflags: [`-X helm.sh/helm/v4/internal/version.version=${HELM}`],
    },
  },
];

function githubRelease(repository: string, tag: string): string {
  return `https://github.com/${repository}/releases/download/${tag}`;
}

function kubernetesDownloads({ os, arch }: Platform): Download[] {
  const names = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'] as const;
  return names.map((program) => {
    const url = `https://dl.k8s.io/${KUBERNETES}/bin/${os}/${arch}/${program}`;
    return { url, checksumUrl: `${url}.sha256`, program };
  });
}

function etcdDownload({ os, arch }: Platform): Download {
  const release = githubRelease('etcd-io/etcd', ETCD);
  const name = `etcd-${ETCD}-${os}-${arch}`;
  return {
    url: `${release}/${name}.tar.gz`,
    checksumUrl: `${release}/SHA256SUMS`,
    members: { etcd: `${name}/etcd` },
  };
}

/** The platform of this machine. */
export function thisPlatform(): Platform {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  return { os: process.platform, arch };
}
