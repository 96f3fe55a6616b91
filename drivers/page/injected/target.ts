// A target of a verb, from its locator to an element in the state the verb needs; and the elements the driver holds between two calls.
import { boxesAround } from './fields.ts';
import { findOne, list, type Wanted } from './locate.ts';
import { describe } from './names.ts';
import { isEditable, isEnabled, isVisible } from './state.ts';
import type { Attempt } from './wait.ts';

const held = new Map<number, Element>();
let lastHandle = 0;

export function hold(element: Element): number {
  held.set(++lastHandle, element);
  return lastHandle;
}
export const heldElement = (handle: number): Element | null => held.get(handle) ?? null;
export const release = (handle: number): void => void held.delete(handle);

export type Need = 'attached' | 'visible' | 'enabled' | 'editable';

/** One attempt to have `wanted` in the state that is needed. */
export function reach(wanted: Wanted, need: Need): Attempt<Element> {
  const found = findOne(wanted);
  if ('none' in found) return { not: 'nothing matched', detail: found.none, missing: true };
  if ('many' in found) {
    const many = found.many;
    return { not: `${many.length} elements matched`, detail: () => `${wanted.says} matches ${many.length} elements: ${list(many)}`, strict: true };
  }
  const lacks = lacking(found.element, need);
  return lacks ? { not: lacks, detail: () => `${describe(found.element)} ${lacks}` } : { value: found.element };
}

export function lacking(element: Element, need: Need): string | null {
  if (!element.isConnected) return 'was removed from the page';
  if (need === 'attached') return null;
  if (!isVisible(element)) return 'is not visible';
  if (need === 'visible') return null;
  if (!isEnabled(element)) return 'is disabled';
  if (need === 'enabled') return null;
  if (isEditable(element)) return null;
  return 'readOnly' in element ? 'is read-only' : 'is not a field that takes text';
}

export { boxesAround };
