import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { createMetricsWriter } from '../../../gateway/front/metrics.ts';
import { flowCounters, metrics, noon } from '../../gateway/front/snapshots.ts';

const folder = fileURLToPath(new URL('../../../hardware/os/monitoring/', import.meta.url));
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const scratch = mkdtempSync(join(tmpdir(), 'penstock-alerts-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const alerts = parse(read('alerts.yaml')) as {
  groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[];
};
const rules = alerts.groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(read('dashboard.json')) as Dashboard;
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

interface Dashboard {
  readonly panels: readonly {
    readonly id: number;
    readonly type: string;
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly datasource?: { readonly uid: string };
    readonly targets?: readonly { readonly expr: string; readonly refId: string }[];
  }[];
  readonly templating: { readonly list: readonly { readonly name: string }[] };
}

const cases = ['alerts.test.yaml', 'alerts-long.test.yaml'];

describe.skipIf(!hasPromtool)('the alert rules', () => {
  test('are rules, and their cases hold', () => {
    expect(promtool('check', 'rules', join(folder, 'alerts.yaml'))).toMatchObject({ status: 0 });
    const said = promtool('test', 'rules', ...cases.map((name) => join(folder, name)));
    expect(said.status, said.text).toBe(0);
  });

  test('have a case each that fails without them', () => {
    const never = rules.map((rule) => ({ ...rule, expr: 'vector(0) > 1' }));
    writeFileSync(join(scratch, 'alerts.yaml'), stringify({ groups: [{ name: 'penstock', rules: never }] }));
    for (const name of cases) writeFileSync(join(scratch, name), read(name));
    const { text } = promtool('test', 'rules', ...cases.map((name) => join(scratch, name)));
    expect(rules.map(({ alert }) => alert).filter((alert) => !text.includes(alert))).toEqual([]);
  });
});

test('every alert says what to do about it', () => {
  for (const { alert, annotations } of rules) {
    expect(annotations['summary'], alert).toMatch(/\.$/);
    expect(annotations['action'], alert).toMatch(/\.$/);
  }
});

test('rules and dashboard ask only for metrics that the gateway shows', async () => {
  const registry = new Registry();
  const snapshot = metrics([flowCounters()], { confirmSecondsLeft: 90 });
  createMetricsWriter().write(registry, snapshot, noon);
  const shown = new Set(
    [...(await registry.metrics()).matchAll(/^(penstock_\w+)[ {]/gm)].map(([, name]) => name),
  );
  const texts = [
    ...rules.map(({ expr }) => expr),
    ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    JSON.stringify(dashboard.templating),
  ];
  const asked = new Set(texts.flatMap((text) => [...text.matchAll(/\bpenstock_\w+/g)].map(String)));
  expect(asked.size).toBeGreaterThan(30);
  expect([...asked].filter((name) => !shown.has(name))).toEqual([]);
});

describe('the dashboard', () => {
  const { panels } = dashboard;

  test('has panels that lie beside each other, each with an id of its own', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const [place, { title, gridPos: one }] of panels.entries()) {
      expect(one.x + one.w, title).toBeLessThanOrEqual(24);
      for (const { gridPos: other } of panels.slice(place + 1)) {
        const apart =
          one.x + one.w <= other.x ||
          other.x + other.w <= one.x ||
          one.y + one.h <= other.y ||
          other.y + other.h <= one.y;
        expect(apart, title).toBe(true);
      }
    }
  });

  test('asks for data only where whoever imports it says', () => {
    for (const { type, title, datasource, targets = [] } of panels) {
      if (type === 'row') continue;
      expect(datasource?.uid, title).toMatch(/^\$\{datasource\}$/);
      expect(targets.length, title).toBeGreaterThan(0);
      expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length);
      for (const { expr } of targets) expect(expr, title).toContain('instance=~"$instance"');
    }
  });

  test.skipIf(!hasPromtool)('asks in expressions that Prometheus reads', () => {
    const exprs = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const plain = exprs.map((expr) =>
      expr.replaceAll('$__rate_interval', '5m').replaceAll('$instance', '.*'),
    );
    const groups = [{ name: 'dashboard', rules: plain.map((expr, at) => ({ record: `panel:${at}`, expr })) }];
    writeFileSync(join(scratch, 'panels.yaml'), stringify({ groups }));
    const said = promtool('check', 'rules', join(scratch, 'panels.yaml'));
    expect(said.status, said.text).toBe(0);
  });
});

function promtool(...words: readonly string[]): { readonly status: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync('promtool', words, { encoding: 'utf8' });
  return { status, text: stdout + stderr };
}
