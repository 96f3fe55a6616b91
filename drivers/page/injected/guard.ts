// The click guard: while a click is armed, every trusted press is looked at before the page sees it. One that would land elsewhere is
// swallowed and reported; the driver then tries again. Installed with the world script, hence before the page's own listeners.
import { closest, composedContains, deepElementFromPoint, documentOf, isElement, isInput, shadowRootOf, viewOf } from './dom.ts';
import { describe } from './names.ts';
import { report } from './report.ts';

interface Armed { id: number; target: Element; landed: boolean | null; over: boolean }

let armed: Armed | null = null;
const watched = new WeakSet<Window>();
const kinds = ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click', 'auxclick', 'dblclick', 'contextmenu'];

export function watch(view: Window): void {
  if (watched.has(view)) return;
  watched.add(view);
  for (const kind of kinds) view.addEventListener(kind, judge as EventListener, { capture: true, passive: false });
  // A navigation of a same-origin frame is no leaving: this world's document stays.
  if (view !== window) return;
  (view as Window & { navigation?: EventTarget }).navigation?.addEventListener('navigate', noteNavigation);
  view.addEventListener('submit', noteSubmit);
}

export function arm(id: number, target: Element): void {
  watch(viewOf(target));
  armed = { id, target, landed: null, over: false };
}

/** What became of the click: true landed, false swallowed, null never arrived. */
export function settle(id: number): boolean | null {
  const landed = armed?.id === id ? armed.landed : null;
  if (armed?.id === id) armed = null;
  return landed;
}

function judge(event: MouseEvent): void {
  if (!armed || armed.over || !event.isTrusted) return;
  if (armed.landed === null) {
    const hit = innermost(event);
    armed.landed = hit !== null && accepts(armed.target, hit);
    report({ click: armed.id, landed: armed.landed, why: armed.landed || !hit ? '' : `is covered by ${describe(hit)}` });
  }
  if (!armed.landed) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
  if (event.type === 'mouseup') {
    // The click event follows in the same task.
    const mine = armed;
    setTimeout(() => void (mine.over = true));
  }
}

// What a click sets going is reported, so that the driver does not ask the old document about the next step.

function noteNavigation(event: Event): void {
  const navigate = event as Event & { destination?: { sameDocument: boolean }; downloadRequest?: string | null };
  if (!armed?.landed || navigate.destination?.sameDocument || navigate.downloadRequest != null || event.defaultPrevented) return;
  report({ click: armed.id, leaving: true });
}

/** A form's navigation begins in a task of its own, after the click; its submit event comes with the click. */
function noteSubmit(event: SubmitEvent): void {
  if (!armed?.landed || event.defaultPrevented) return;
  const form = event.target as HTMLFormElement;
  const target = event.submitter?.getAttribute('formtarget') ?? form.getAttribute('target') ?? '';
  if (form.method === 'dialog' || !['', '_self', '_top'].includes(target)) return;
  report({ click: armed.id, leaving: true });
}

function innermost(event: MouseEvent): Element | null {
  const first = event.composedPath()[0];
  if (!isElement(first)) return null;
  return shadowRootOf(first) ? (deepElementFromPoint(documentOf(first), event.clientX, event.clientY) ?? first) : first;
}

/** Is a press on `hit` a press on `target`? Its inside counts, the button or link it is part of, and the label of a control. */
export function accepts(target: Element, hit: Element): boolean {
  const whole = closest(target, 'button,a[href],label,summary,[role=button],[role=link]') ?? target;
  if (composedContains(target, hit) || composedContains(whole, hit)) return true;
  const label = closest(hit, 'label') as HTMLLabelElement | null;
  return label !== null && label.control === target && !(closest(hit, 'button,a[href]') ?? (isInput(hit) && hit !== target));
}
