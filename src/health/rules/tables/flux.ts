import { each, type HealthTable, type KindRule, nothingToWaitFor } from '../table.ts';

/** Reasons of `Ready: False` while it waits for an object that may be part of the same release. */
const waiting = [
  'DependencyNotReady',
  'ArtifactFailed',
  'SourceNotReady',
  'SourceUnavailable',
  'Progressing',
];

const reconciled: KindRule = {
  suspended: 'spec.suspend == true',
  failed: 'conditions.Stalled.status == "True"',
  failing: `conditions.Ready.status == "False" && !(conditions.Ready.reason in ${JSON.stringify(waiting)})`,
  progressing: 'conditions.Reconciling.status == "True"',
  healthy: 'conditions.Ready.status == "True"',
};

export const flux: HealthTable = {
  project: 'Flux',
  sources: [
    'https://fluxcd.io/flux/components/kustomize/kustomizations/#kustomization-status',
    'https://fluxcd.io/flux/components/helm/helmreleases/#helmrelease-status',
    'https://fluxcd.io/flux/components/source/gitrepositories/#gitrepository-status',
    'https://fluxcd.io/flux/components/notification/',
  ],
  kinds: {
    ...each(
      [
        'Kustomization.kustomize.toolkit.fluxcd.io',
        'HelmRelease.helm.toolkit.fluxcd.io',
        'GitRepository.source.toolkit.fluxcd.io',
        'OCIRepository.source.toolkit.fluxcd.io',
        'Bucket.source.toolkit.fluxcd.io',
        'HelmChart.source.toolkit.fluxcd.io',
        'ImageRepository.image.toolkit.fluxcd.io',
        'ImagePolicy.image.toolkit.fluxcd.io',
        'ImageUpdateAutomation.image.toolkit.fluxcd.io',
        'Receiver.notification.toolkit.fluxcd.io',
      ],
      reconciled,
    ),
    // With type oci it is only a URL that other objects use, and has no status.
    'HelmRepository.source.toolkit.fluxcd.io': {
      ...reconciled,
      healthy: 'spec.type == "oci" || conditions.Ready.status == "True"',
    },
    ...each(
      ['Provider.notification.toolkit.fluxcd.io', 'Alert.notification.toolkit.fluxcd.io'],
      nothingToWaitFor,
    ),
  },
};
