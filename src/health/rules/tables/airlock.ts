import { each, type HealthTable } from '../table.ts';

const refused = 'c.type in ["Accepted", "ResolvedRefs"] && c.status == "False"';
const hasReport = 'has(status.ancestors) && size(status.ancestors) > 0';

export const airlock: HealthTable = {
  project: 'Airlock Microgateway',
  sources: ['https://docs.airlock.com/microgateway/latest/index/1726159368876.html'],
  // Policies of the Gateway API. The other kinds are referenced by them and report nothing themselves.
  kinds: each(
    [
      'ContentSecurityPolicy.microgateway.airlock.com',
      'CustomResponsePolicy.microgateway.airlock.com',
      'EnvoyExtensionPolicy.microgateway.airlock.com',
    ],
    {
      failing: `${hasReport} && status.ancestors.exists(a, a.conditions.exists(c, ${refused}))`,
      healthy: `${hasReport} && status.ancestors.all(a, a.conditions.exists(c, c.type == "Accepted" && c.status == "True"))`,
      message:
        `!(${hasReport}) ? "waiting for its Gateway" : ` +
        `(status.ancestors.exists(a, a.conditions.exists(c, ${refused})) ? ` +
        `status.ancestors.filter(a, a.conditions.exists(c, ${refused}))[0].conditions.filter(c, ${refused})` +
        `.map(c, c.reason + (has(c.message) ? ": " + c.message : ""))[0] : "accepted by its Gateway")`,
    },
  ),
};
