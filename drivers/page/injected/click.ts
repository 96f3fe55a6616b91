// Where to press: the element scrolled into view, standing still, and a point of it that receives the press.
import { composedAncestors, contentBox, deepElementFromPoint, documentOf, frameOffset, isInput, viewOf } from './dom.ts';
import { accepts, arm } from './guard.ts';
import type { Wanted } from './locate.ts';
import { describe } from './names.ts';
import { isMovedByAnimation, isVisible } from './state.ts';
import { lacking, reach } from './target.ts';
import { nextFrame, until, type Attempt } from './wait.ts';

export interface Point { x: number; y: number }

let lastClick = Math.floor(Math.random() * 1e6) * 1000;

/** Waits until the target can be pressed, arms the guard, and tells where to press (in this world's viewport). */
export function prepareClick(wanted: Wanted, within: number, closed: boolean) {
  let tries = 0;
  return until<Point & { click: number }>(async () => {
    const reached = reach(wanted, 'attached');
    if (!('value' in reached)) return reached;
    const target = pressable(reached.value);
    const lacks = lacking(target, 'enabled');
    if (lacks) return { not: lacks, detail: () => `${describe(target)} ${lacks}` };
    return pressPoint(target, tries++);
  }, within, closed);
}

/** A checkbox drawn by its label is pressed there. */
function pressable(element: Element): Element {
  if (!isInput(element) || isVisible(element) || !['checkbox', 'radio'].includes(element.type)) return element;
  return [...(element.labels ?? [])].find(isVisible) ?? element;
}

async function pressPoint(target: Element, tries: number): Promise<Attempt<Point & { click: number }>> {
  const because = (not: string) => ({ not, detail: () => `${describe(target)} ${not}` });
  let aim = aimAt(target);
  if ('not' in aim) {
    // Each further try brings it elsewhere in the viewport: a sticky header may cover one place and not another.
    const block = (['center', 'end', 'start', 'nearest'] as const)[tries % 4]!;
    target.scrollIntoView({ block, inline: 'nearest', behavior: 'instant' });
  }
  const before = target.getBoundingClientRect();
  await nextFrame();
  if (!target.isConnected) return because('was removed from the page');
  const after = target.getBoundingClientRect();
  if (!sameBox(before, after) || isMovedByAnimation(target)) return because('is moving');
  const lacks = lacking(target, 'enabled');
  if (lacks) return because(lacks);
  aim = aimAt(target);
  if ('not' in aim) return because(aim.not);
  const offset = frameOffset(target);
  const click = ++lastClick;
  arm(click, target);
  return { value: { x: aim.x + offset.x, y: aim.y + offset.y, click } };
}

const sameBox = (a: DOMRect, b: DOMRect): boolean => a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;

/** A point of the element, in its own viewport, that a press would reach. */
function aimAt(target: Element): Point | { not: string } {
  const view = viewOf(target);
  let not = 'is outside of the viewport';
  for (const rect of [...target.getClientRects()].sort((a, b) => b.width * b.height - a.width * a.height).slice(0, 3)) {
    const left = Math.max(rect.left, 0);
    const top = Math.max(rect.top, 0);
    const right = Math.min(rect.right, view.innerWidth);
    const bottom = Math.min(rect.bottom, view.innerHeight);
    if (right - left < 1 || bottom - top < 1) continue;
    for (const [fx, fy] of [[0.5, 0.5], [0.25, 0.5], [0.75, 0.5], [0.5, 0.25], [0.5, 0.75]] as const) {
      const point = { x: left + (right - left) * fx, y: top + (bottom - top) * fy };
      const hit = deepElementFromPoint(documentOf(target), point.x, point.y);
      if (hit && accepts(target, hit)) {
        const cover = coveredFrame(target, point);
        if (!cover) return point;
        not = `lies in a frame that is covered by ${describe(cover)}`;
      } else if (hit) {
        not = `is covered by ${describe(covering(target, hit))}`;
      }
    }
  }
  return { not };
}

/** The outermost box that covers, rather than the word in it that was hit. */
function covering(target: Element, hit: Element): Element {
  const around = new Set(composedAncestors(target));
  let outermost = hit;
  for (const at of composedAncestors(hit)) {
    if (around.has(at)) break;
    outermost = at;
  }
  return outermost;
}

/** What covers one of the same-origin frames that the target lies in, at that point. */
function coveredFrame(target: Element, point: Point): Element | null {
  let { x, y } = point;
  for (let view: Window = viewOf(target); view !== window;) {
    const owner = view.frameElement;
    if (!owner) return null;
    const box = contentBox(owner);
    x += box.x;
    y += box.y;
    const hit = deepElementFromPoint(documentOf(owner), x, y);
    if (hit !== owner) return hit;
    view = viewOf(owner);
  }
  return null;
}
