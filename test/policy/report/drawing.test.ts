import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { layOut } from '../../../gateway/cli/report/layout.ts';
import { readModel } from '../../../policy/model/read-model.ts';
import { draw } from '../../../policy/report/drawing/draw.ts';
import { planDrawing } from '../../../policy/report/drawing/plan-drawing.ts';
import { renderSvg } from '../../../policy/report/drawing/svg.ts';
import { largeSite } from './large-site.ts';
import { siteText } from './reported.ts';

async function drawn(text: string) {
  const read = readModel(text, 'site.zones.yaml');
  if (!read.ok) throw new Error(JSON.stringify(read.findings.slice(0, 3)));
  const plan = planDrawing(read.model);
  const layout = await layOut(plan);
  return { model: read.model, plan, layout, drawing: draw(plan, layout) };
}

interface Area {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function overlaps(areas: readonly Area[]): readonly string[] {
  return areas.flatMap((one, index) =>
    areas
      .slice(index + 1)
      .filter(
        (other) =>
          one.x < other.x + other.width &&
          other.x < one.x + one.width &&
          one.y < other.y + other.height &&
          other.y < one.y + one.height,
      )
      .map((other) => `${one.name} over ${other.name}`),
  );
}

const sites = [
  { name: 'a small site', text: siteText() },
  { name: 'a site of fifty zones', text: largeSite() },
];

test.for(sites)('in the drawing of $name no box and no label lies over another', async ({ text }) => {
  const { plan, layout } = await drawn(text);
  const boxes = plan.boxes.map((box) => ({
    ...box,
    name: box.id,
    ...(layout.boxes.get(box.id) ?? { x: 0, y: 0 }),
  }));
  const labels = plan.lines.map((line) => ({
    ...line,
    name: line.id,
    ...(layout.lines.get(line.id)?.label ?? { x: 0, y: 0 }),
  }));
  expect(overlaps([...boxes, ...labels])).toEqual([]);
});

test.for(sites)(
  'in the drawing of $name all zones and conduits are there, and all words stay inside it',
  async ({ text }) => {
    const { model, plan, drawing } = await drawn(text);
    expect(plan.boxes.filter(({ id }) => id.startsWith('zone '))).toHaveLength(model.zones.length);
    const said = drawing.shapes.flatMap((shape) => (shape.kind === 'text' ? [shape] : []));
    for (const { id } of [...model.zones, ...model.conduits])
      expect(said.map((one) => one.text)).toContain(id);
    for (const { x, y, width, size, text: word } of said) {
      expect(x, word).toBeGreaterThanOrEqual(0);
      expect(x + width, word).toBeLessThanOrEqual(drawing.width + 1);
      expect(y - size, word).toBeGreaterThanOrEqual(0);
      expect(y, word).toBeLessThanOrEqual(drawing.height);
    }
  },
);

test.for(sites)('in the drawing of $name the words of a box stay in the box', async ({ text }) => {
  const { plan } = await drawn(text);
  for (const box of plan.boxes) {
    expect(box.title.length).toBeGreaterThan(0);
    expect(box.width).toBeLessThanOrEqual(Math.max(280, plan.lines.length * 13));
  }
});

test.for(['waterworks', 'flat-network'])(
  'in the drawing of %s nothing further out stands below what is further in',
  async (name) => {
    const { plan, layout } = await drawn(
      readFileSync(new URL(`../../../policy/examples/${name}.zones.yaml`, import.meta.url), 'utf8'),
    );
    const tops = plan.boxes.map(({ id, tier }) => ({ tier, y: layout.boxes.get(id)?.y ?? 0 }));
    for (const { tier, y } of tops) {
      for (const inner of tops.filter((one) => one.tier > tier)) expect(inner.y).toBeGreaterThan(y);
    }
  },
);

test('the drawing of fifty zones fits a sheet of paper people have', async () => {
  const { drawing } = await drawn(largeSite());
  expect(drawing.width).toBeLessThan(2200);
  expect(drawing.height).toBeLessThan(2600);
});

test('the drawing of the small site is what it was', async () => {
  const { drawing } = await drawn(siteText());
  await expect(renderSvg(drawing, 'Zones and conduits of mill-creek')).toMatchFileSnapshot(
    '../../golden/report/drawing.svg',
  );
});

test('one-way, temporary, on trial, by session and without IP can be told apart', async () => {
  const { plan } = await drawn(siteText());
  const line = (id: string) => plan.lines.find((one) => one.id === id);
  expect(line('C-2')?.marks).toEqual(['one-way']);
  expect(line('C-3')?.marks).toEqual(['inspected', 'audit']);
  expect(line('C-4')).toMatchObject({
    kind: 'temporary',
    marks: ['inspected', 'temporary', 'schedule', 'session'],
  });
  expect(line('path stick')).toMatchObject({ kind: 'path', from: 'outside', to: 'zone supervision' });
  expect(line('bridge tablet office')?.kind).toBe('bridge');
  expect(line('vendor maker')).toMatchObject({ kind: 'vendor', to: 'zone dmz' });
});

test('a conduit that no gateway carries is marked', async () => {
  const { plan } = await drawn(siteText().replace('      sis0: {zone: trip, address: 10.5.0.1/24}\n', ''));
  expect(plan.lines.find(({ id }) => id === 'C-5')?.marks).toContain('unserved');
  expect(plan.boxes.find(({ id }) => id === 'zone trip')?.feet).toEqual(['on no gateway']);
});
