import ElkConstructor, { type ElkExtendedEdge, type ElkNode } from 'elkjs/lib/elk.bundled.js';
import type { Layout, Point } from '../../../policy/report/drawing/layout.ts';
import type { Plan } from '../../../policy/report/drawing/plan.ts';

/**
 * Gives boxes and lines of a drawing their places: layers from outside to safety, right-angled lines, room
 * for every label. The same plan gives the same layout.
 */
export async function layOut(plan: Plan): Promise<Layout> {
  const graph: ElkNode = {
    id: 'drawing',
    layoutOptions: plan.dense ? { ...Options, ...Dense } : Options,
    children: plan.boxes.map(({ id, width, height, tier }) => ({
      id,
      width,
      height,
      layoutOptions: { 'elk.partitioning.partition': String(tier) },
    })),
    edges: plan.lines.map(({ id, from, to, width, height }) => ({
      id,
      sources: [from],
      targets: [to],
      labels: [{ text: id, width, height, layoutOptions: OnTheLine }],
    })),
  };
  const done = await new Elk().layout(graph);
  return {
    width: Math.ceil(done.width ?? 0),
    height: Math.ceil(done.height ?? 0),
    boxes: new Map((done.children ?? []).map((node) => [node.id, place(node)])),
    lines: new Map(
      (done.edges ?? []).map((edge) => [edge.id, { points: corners(edge), label: place(edge.labels?.[0]) }]),
    ),
  };
}

// The package says it has a default export only; to Node it is the module itself.
const Elk = ElkConstructor as unknown as typeof ElkConstructor.default;

/** So that nobody has to guess which line a label names. */
const OnTheLine = { 'elk.edgeLabels.inline': 'true' };

const Options = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.partitioning.activate': 'true',
  'elk.padding': '[top=16,left=16,bottom=16,right=16]',
  'elk.spacing.nodeNode': '48',
  'elk.spacing.edgeNode': '24',
  'elk.spacing.edgeEdge': '16',
  'elk.spacing.labelNode': '8',
  'elk.layered.spacing.nodeNodeBetweenLayers': '40',
  'elk.layered.spacing.edgeNodeBetweenLayers': '22',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '14',
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
  'elk.layered.nodePlacement.bk.fixedAlignment': 'BALANCED',
  'elk.layered.thoroughness': '20',
  'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
  'elk.layered.considerModelOrder.strategy': 'PREFER_EDGES',
  'elk.randomSeed': '1',
};

/** From left to right, since boxes are wider than high, and everything close: it must fit on a sheet. */
const Dense = {
  'elk.direction': 'RIGHT',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.spacing.nodeNode': '18',
  'elk.spacing.edgeNode': '12',
  'elk.spacing.edgeEdge': '9',
  'elk.spacing.labelNode': '6',
  'elk.layered.spacing.nodeNodeBetweenLayers': '24',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '9',
};

function corners(edge: ElkExtendedEdge): readonly Point[] {
  return (edge.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) =>
    [startPoint, ...bendPoints, endPoint].map(place),
  );
}

/** Rounded, so that a drawing is the same text on every machine. */
function place(shape: { readonly x?: number; readonly y?: number } | undefined): Point {
  return { x: Math.round(shape?.x ?? 0), y: Math.round(shape?.y ?? 0) };
}
