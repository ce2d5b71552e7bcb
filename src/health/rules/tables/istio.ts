import { each, type HealthTable } from '../table.ts';

/**
 * Istio writes a status only if that is enabled (PILOT_ENABLE_STATUS, PILOT_ENABLE_ANALYSIS), so a missing status is
 * healthy. Messages of level ERROR come from its analysers: the configuration is not used as written.
 */
const configuration = {
  failing: 'status.validationMessages.exists(m, m.level == "ERROR")',
  progressing: 'conditions.Reconciled.status == "False"',
  healthy: 'true',
  message:
    'has(status.validationMessages) && status.validationMessages.exists(m, m.level == "ERROR")' +
    ' ? status.validationMessages.filter(m, m.level == "ERROR").map(m, m.type.name + " (" + m.type.code + ")")[0]' +
    ' : has(conditions.Reconciled) ? conditions.Reconciled.message : "nothing to wait for"',
};

export const istio: HealthTable = {
  project: 'Istio',
  sources: [
    'https://istio.io/latest/docs/reference/config/meta/v1beta1/istio-status/',
    'https://istio.io/latest/docs/reference/config/analysis/message-formats/',
  ],
  kinds: each(
    [
      'VirtualService.networking.istio.io',
      'DestinationRule.networking.istio.io',
      'Gateway.networking.istio.io',
      'ServiceEntry.networking.istio.io',
      'Sidecar.networking.istio.io',
      'EnvoyFilter.networking.istio.io',
      'WorkloadEntry.networking.istio.io',
      'WorkloadGroup.networking.istio.io',
      'ProxyConfig.networking.istio.io',
      'AuthorizationPolicy.security.istio.io',
      'PeerAuthentication.security.istio.io',
      'RequestAuthentication.security.istio.io',
      'Telemetry.telemetry.istio.io',
      'WasmPlugin.extensions.istio.io',
    ],
    configuration,
  ),
};

export const sailOperator: HealthTable = {
  project: 'Istio Sail Operator',
  sources: [
    'https://github.com/istio-ecosystem/sail-operator/blob/main/docs/api-reference/sailoperator.io.md',
  ],
  kinds: each(
    [
      'Istio.sailoperator.io',
      'IstioRevision.sailoperator.io',
      'IstioCNI.sailoperator.io',
      'ZTunnel.sailoperator.io',
    ],
    {
      failing: 'conditions.Reconciled.status == "False"',
      healthy: 'conditions.Ready.status == "True"',
      message:
        'conditions.Reconciled.status == "False" ? conditions.Reconciled.reason + ": " + conditions.Reconciled.message : ""',
    },
  ),
};
