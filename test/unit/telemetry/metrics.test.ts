import { expect, it } from 'vitest';
import { createMetrics } from '../../../src/telemetry/metrics.ts';

it('writes metrics in the format of Prometheus', async () => {
  const metrics = createMetrics();
  metrics.webhooks.inc({ forge: 'github', result: 'accepted' });
  metrics.stageSeconds.observe({ stage: 'applying' }, 0.03);

  const text = await metrics.registry.metrics();

  expect(text).toContain('slipway_webhooks_total{forge="github",result="accepted"} 1');
  expect(text).toContain('slipway_stage_seconds_bucket{le="0.05",stage="applying"} 1');
  expect(text).toContain('process_cpu_seconds_total');
});

it('counts separately for two servers in one process', async () => {
  const [one, two] = [createMetrics(), createMetrics()];
  one.webhooks.inc({ forge: 'github', result: 'accepted' });

  expect(await two.registry.metrics()).not.toContain('result="accepted"');
});
