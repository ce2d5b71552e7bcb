import type { HealthTable } from '../table.ts';
import { airlock } from './airlock.ts';
import { ansibleOperators } from './ansible-operators.ts';
import { argoCd } from './argo-cd.ts';
import { argoRollouts } from './argo-rollouts.ts';
import { argoWorkflows } from './argo-workflows.ts';
import { kubeflowTrainer, spark } from './batch-operators.ts';
import { camelK } from './camel-k.ts';
import { certManager } from './cert-manager.ts';
import { cloudNativePg } from './cloudnative-pg.ts';
import { clouds } from './clouds.ts';
import { clusterApi } from './cluster-api.ts';
import { confluent } from './confluent.ts';
import { contour } from './contour.ts';
import { coralogix } from './coralogix.ts';
import { crossplane } from './crossplane.ts';
import { datadog } from './datadog.ts';
import { elastic } from './elastic.ts';
import { externalSecrets } from './external-secrets.ts';
import { flagger } from './flagger.ts';
import { flink } from './flink.ts';
import { flux } from './flux.ts';
import { gardener } from './gardener.ts';
import { gatekeeper } from './gatekeeper.ts';
import { gitOpsPromoter } from './gitops-promoter.ts';
import { gke } from './gke.ts';
import { gloo } from './gloo.ts';
import { grafana } from './grafana.ts';
import { infinispan } from './infinispan.ts';
import { istio, sailOperator } from './istio.ts';
import { k6 } from './k6.ts';
import { k8ssandra } from './k8ssandra.ts';
import { kargo } from './kargo.ts';
import { karpenter } from './karpenter.ts';
import { keda } from './keda.ts';
import { keycloak } from './keycloak.ts';
import { knative } from './knative.ts';
import { konveyor } from './konveyor.ts';
import { koperator } from './koperator.ts';
import { kruise } from './kruise.ts';
import { kubernetesSigs } from './kubernetes-sigs.ts';
import { kubeVela } from './kubevela.ts';
import { kubeVirt } from './kubevirt.ts';
import { kueue } from './kueue.ts';
import { longhorn } from './longhorn.ts';
import { mariaDb } from './mariadb.ts';
import { metal3 } from './metal3.ts';
import { minio } from './minio.ts';
import { mongoDb } from './mongodb.ts';
import { nmState } from './nmstate.ts';
import { numaproj } from './numaproj.ts';
import { onePassword } from './one-password.ts';
import { openClusterManagement } from './open-cluster-management.ts';
import { openFaas } from './openfaas.ts';
import { openShift } from './openshift.ts';
import { operatorLifecycleManager } from './operator-lifecycle-manager.ts';
import { percona } from './percona.ts';
import { crunchy, zalando } from './postgres-operators.ts';
import { prometheusOperator } from './prometheus-operator.ts';
import { rabbitMq } from './rabbitmq.ts';
import { ray } from './ray.ts';
import { rook } from './rook.ts';
import { rookCassandra } from './rook-cassandra.ts';
import { sealedSecrets } from './sealed-secrets.ts';
import { strimzi } from './strimzi.ts';
import { tekton } from './tekton.ts';
import { threeScale } from './three-scale.ts';
import { trident } from './trident.ts';
import { vaultSecretsOperator } from './vault-secrets-operator.ts';
import { velero } from './velero.ts';

/** Every project with health rules for its custom resources; `docs/health.md` lists them. */
export const tables: readonly HealthTable[] = [
  airlock,
  ansibleOperators,
  argoCd,
  argoRollouts,
  argoWorkflows,
  camelK,
  certManager,
  cloudNativePg,
  clouds,
  clusterApi,
  confluent,
  contour,
  coralogix,
  crossplane,
  crunchy,
  datadog,
  elastic,
  externalSecrets,
  flagger,
  flink,
  flux,
  gardener,
  gatekeeper,
  gitOpsPromoter,
  gke,
  gloo,
  grafana,
  infinispan,
  istio,
  k6,
  k8ssandra,
  kargo,
  karpenter,
  keda,
  keycloak,
  knative,
  konveyor,
  koperator,
  kruise,
  kubeflowTrainer,
  kubernetesSigs,
  kubeVela,
  kubeVirt,
  kueue,
  longhorn,
  mariaDb,
  metal3,
  minio,
  mongoDb,
  nmState,
  numaproj,
  onePassword,
  openClusterManagement,
  openFaas,
  openShift,
  operatorLifecycleManager,
  percona,
  prometheusOperator,
  rabbitMq,
  ray,
  rook,
  rookCassandra,
  sailOperator,
  sealedSecrets,
  spark,
  strimzi,
  tekton,
  threeScale,
  trident,
  vaultSecretsOperator,
  velero,
  zalando,
];
