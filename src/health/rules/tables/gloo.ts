import { each, type HealthTable } from '../table.ts';

/** A state is a name or the number of the enum; each namespace with a controller may have a status of its own. */
const someState = (states: string) =>
  `status.state in ${states} || status.statuses.exists(name, status.statuses[name].state in ${states})`;
const everyState = (states: string) =>
  `status.state in ${states} || (status.statuses.size() > 0 && status.statuses.all(name, status.statuses[name].state in ${states}))`;

export const gloo: HealthTable = {
  project: 'Gloo',
  sources: ['https://github.com/solo-io/solo-kit/blob/main/api/v1/status.proto'],
  kinds: {
    // Warning is accepted, with parts of the configuration that are not used.
    ...each(
      [
        'VirtualService.gateway.solo.io',
        'RouteTable.gateway.solo.io',
        'Gateway.gateway.solo.io',
        'Upstream.gloo.solo.io',
        'UpstreamGroup.gloo.solo.io',
      ],
      {
        failing: someState('["Rejected", 2]'),
        healthy: everyState('["Accepted", 1, "Warning", 3]'),
        message:
          'has(status.reason) && status.reason != "" ? status.reason' +
          ' : has(status.statuses) && status.statuses.exists(name, has(status.statuses[name].reason) && status.statuses[name].reason != "")' +
          ' ? status.statuses[status.statuses.filter(name, has(status.statuses[name].reason) && status.statuses[name].reason != "")[0]].reason' +
          ' : ""',
      },
    ),
  },
};
