import type { ZoneModel } from '../../model/zone-model.ts';
import type { Plan, PlanBox, PlanLine } from './plan.ts';
import { planBoxes } from './plan-boxes.ts';
import { planLines } from './plan-lines.ts';

/** Plans the drawing. With more zones than {@link MostDetailed}, assets are counted and marks are letters. */
export function planDrawing(model: ZoneModel): Plan {
  const detailed = model.zones.length <= MostDetailed;
  const lines = planLines(model, detailed);
  // The layout takes the order for a wish: what comes first stands further out.
  const boxes = planBoxes(model, detailed)
    .map((box) => withRoom(box, lines, detailed))
    .toSorted((one, other) => one.tier - other.tier);
  return { dense: !detailed, boxes, lines };
}

/** Up to this many zones, assets are listed by name and marks are words. */
const MostDetailed = 12;

/** Lines that end at one side of a box stand apart: its side grows with their number. */
function withRoom(box: PlanBox, lines: readonly PlanLine[], detailed: boolean): PlanBox {
  const ends = lines.filter(({ from, to }) => from === box.id || to === box.id).length;
  return detailed
    ? { ...box, width: Math.max(box.width, ends * 13) }
    : { ...box, height: Math.max(box.height, ends * 9) };
}
