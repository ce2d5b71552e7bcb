import type { HealthTable } from '../table.ts';
import { argoCd } from './argo-cd.ts';
import { argoRollouts } from './argo-rollouts.ts';
import { argoWorkflows } from './argo-workflows.ts';
import { kubeflowTrainer, spark } from './batch-operators.ts';
import { certManager } from './cert-manager.ts';
import { cloudNativePg } from './cloudnative-pg.ts';
import { clouds } from './clouds.ts';
import { clusterApi } from './cluster-api.ts';
import { confluent } from './confluent.ts';
import { contour } from './contour.ts';
import { crossplane } from './crossplane.ts';
import { elastic } from './elastic.ts';
import { externalSecrets } from './external-secrets.ts';
import { flagger } from './flagger.ts';
import { flink } from './flink.ts';
import { flux } from './flux.ts';
import { gardener } from './gardener.ts';
import { gatekeeper } from './gatekeeper.ts';
import { gloo } from './gloo.ts';
import { grafana } from './grafana.ts';
import { istio } from './istio.ts';
import { keda } from './keda.ts';
import { knative } from './knative.ts';
import { kruise } from './kruise.ts';
import { kubernetesSigs } from './kubernetes-sigs.ts';
import { kubeVirt } from './kubevirt.ts';
import { minio } from './minio.ts';
import { mongoDb } from './mongodb.ts';
import { openClusterManagement } from './open-cluster-management.ts';
import { operatorLifecycleManager } from './operator-lifecycle-manager.ts';
import { percona } from './percona.ts';
import { crunchy, zalando } from './postgres-operators.ts';
import { prometheusOperator } from './prometheus-operator.ts';
import { rabbitMq } from './rabbitmq.ts';
import { ray } from './ray.ts';
import { rook } from './rook.ts';
import { sealedSecrets } from './sealed-secrets.ts';
import { strimzi } from './strimzi.ts';
import { tekton } from './tekton.ts';
import { velero } from './velero.ts';

/** Every project with health rules for its custom resources; `docs/health.md` lists them. */
export const tables: readonly HealthTable[] = [
  argoCd,
  argoRollouts,
  argoWorkflows,
  certManager,
  cloudNativePg,
  clouds,
  clusterApi,
  confluent,
  contour,
  crossplane,
  crunchy,
  elastic,
  externalSecrets,
  flagger,
  flink,
  flux,
  gardener,
  gatekeeper,
  gloo,
  grafana,
  istio,
  keda,
  knative,
  kruise,
  kubeflowTrainer,
  kubernetesSigs,
  kubeVirt,
  minio,
  mongoDb,
  openClusterManagement,
  operatorLifecycleManager,
  percona,
  prometheusOperator,
  rabbitMq,
  ray,
  rook,
  sealedSecrets,
  spark,
  strimzi,
  tekton,
  velero,
  zalando,
];
