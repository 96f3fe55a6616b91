// What an element is right now: visible, enabled, editable, checked; in the words of Playwright's actionability.
import { composedAncestors, composedParent, isInput, styleOf, tag, viewOf } from './dom.ts';

/** Has a box with area and is not hidden. Opacity does not count: transparent inputs over drawn boxes are common for codes. */
export function isVisible(element: Element): boolean {
  if (!element.isConnected) return false;
  const style = styleOf(element);
  if (style.display === 'contents') {
    for (const child of element.childNodes) {
      if (child.nodeType === Node.ELEMENT_NODE && isVisible(child as Element)) return true;
      if (child.nodeType === Node.TEXT_NODE && textHasBox(child)) return true;
    }
    return false;
  }
  if (!element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: false })) return false;
  const rect = element.getBoundingClientRect();
  if (rect.width <= 0 || rect.height <= 0) return false;
  return frameIsVisible(element);
}

function textHasBox(node: Node): boolean {
  const range = (node.ownerDocument ?? document).createRange();
  range.selectNode(node);
  const rect = range.getBoundingClientRect();
  return rect.width > 0 && rect.height > 0;
}

/** An element of a same-origin frame is seen only as far as the frame is. */
function frameIsVisible(element: Element): boolean {
  const view = viewOf(element);
  if (view === window) return true;
  const owner = view.frameElement;
  return !owner || isVisible(owner);
}

export function isEnabled(element: Element): boolean {
  if (element.matches(':disabled')) return false;
  for (const at of composedAncestors(element)) {
    const disabled = at.getAttribute('aria-disabled');
    if (disabled === 'true') return false;
    if (at.hasAttribute('inert')) return false;
  }
  return true;
}

export function isEditable(element: Element): boolean {
  if (isInput(element) || tag(element) === 'textarea') {
    return !(element as HTMLInputElement).readOnly && element.getAttribute('aria-readonly') !== 'true';
  }
  return (element as HTMLElement).isContentEditable === true;
}

/** Checked or pressed; null where the element has no such state. */
export function isChecked(element: Element): boolean | null {
  if (isInput(element) && (element.type === 'checkbox' || element.type === 'radio')) return element.checked;
  for (const name of ['aria-checked', 'aria-pressed', 'aria-selected']) {
    const value = element.getAttribute(name);
    if (value !== null) return value === 'true';
  }
  return null;
}

/** Is any animation running that may move this element? */
export function isMovedByAnimation(element: Element): boolean {
  for (let at: Element | null = element; at; at = composedParent(at)) {
    if (at.getAnimations().some((animation) => animation.playState === 'running' && moves(animation))) return true;
  }
  return false;
}

function moves(animation: Animation): boolean {
  const effect = animation.effect as KeyframeEffect | null;
  const timing = effect?.getComputedTiming();
  // An endless animation would be waited for in vain; the comparison of boxes judges those.
  if (!timing || timing.iterations === Infinity) return false;
  return effect!.getKeyframes().some((frame) => ['transform', 'translate', 'scale', 'top', 'left', 'right', 'bottom', 'margin', 'width',
    'height', 'marginTop', 'marginLeft'].some((property) => property in frame));
}
