// Roles and names by dom-accessibility-api; what it leaves out (shadow roots, section roles) is added here.
import { computeAccessibleName, getRole } from 'dom-accessibility-api';
import { composedAncestors, elementsBelow, isInput, isTextControl, shadowRootOf, styleOf, tag } from './dom.ts';
import { mask, shorten, squash } from './text.ts';

export function roleOf(element: Element): string | null {
  const role = getRole(element);
  // A header or footer is a landmark only at the top; a form or section only with a name. Nobody looks for those otherwise.
  if ((role === 'form' || role === 'region') && !element.hasAttribute('role') && !accessibleName(element)) return null;
  return role === 'presentation' ? 'none' : role;
}

export function accessibleName(element: Element): string {
  const name = computeAccessibleName(element);
  if (name || !namedByContent.has(getRole(element) ?? '')) return squash(name);
  return squash(innerText(element)); // a custom element's own button: its text lies in slots or a shadow root
}
const namedByContent = new Set(['button', 'link', 'heading', 'tab', 'menuitem', 'option', 'checkbox', 'radio', 'switch', 'cell']);

/** Is it hidden from assistive technology (aria-hidden or not rendered), as far as roles are concerned? */
export function isHiddenFromRoles(element: Element): boolean {
  for (const at of composedAncestors(element)) {
    if (at.getAttribute('aria-hidden') === 'true') return true;
    if (styleOf(at).display === 'none') return true;
  }
  return styleOf(element).visibility !== 'visible';
}

/** innerText, with the text of shadow roots. */
export function innerText(element: Element): string {
  if (tag(element) === 'script' || tag(element) === 'style' || tag(element) === 'noscript') return '';
  const root = shadowRootOf(element);
  if (root) return [...root.children].map(innerText).join('\n');
  const own = 'innerText' in element ? (element as HTMLElement).innerText : (element.textContent ?? '');
  if (own || !hasShadowBelow(element)) return own ?? '';
  return [...element.children].map(innerText).filter(Boolean).join('\n');
}

function hasShadowBelow(element: Element): boolean {
  for (const child of element.querySelectorAll('*')) if (shadowRootOf(child)) return true;
  return false;
}

/** All texts that label a form control: its labels, aria-label(ledby), title. */
export function labelTexts(control: Element): string[] {
  const texts: string[] = [];
  const labels = (control as HTMLInputElement).labels;
  if (labels) for (const label of labels) texts.push(squash(label.textContent ?? ''));
  for (const id of (control.getAttribute('aria-labelledby') ?? '').split(/\s+/u)) {
    const by = id && (control.getRootNode() as Document | ShadowRoot).getElementById(id);
    if (by) texts.push(squash(by.textContent ?? ''));
  }
  const label = control.getAttribute('aria-label');
  if (label) texts.push(squash(label));
  return texts.filter(Boolean);
}

const controls = 'input,textarea,select,button,output,meter,progress,[contenteditable=""],[contenteditable="true"],' +
  '[role=textbox],[role=checkbox],[role=combobox],[role=switch],[role=spinbutton],[role=searchbox],[role=radio],[role=slider],[role=listbox]';
export const isControl = (element: Element): boolean => element.matches(controls) && !(isInput(element) && element.type === 'hidden');

/** `<button> "Sign in"`: how messages speak of an element. Never holds a value or anything code-like. */
export function describe(element: Element): string {
  const parts = [tag(element)];
  if (isInput(element)) parts.push(`type=${element.type}`);
  const hint = element.id ? `#${element.id}` : element.getAttribute('name') ? `name=${element.getAttribute('name')}` : '';
  if (hint && !/\d{3,}/u.test(hint)) parts.push(hint);
  const role = element.getAttribute('role');
  if (role) parts.push(`role=${role}`);
  let name = '';
  try {
    name = accessibleName(element) || element.getAttribute('placeholder') || (isTextControl(element) ? '' : squash(innerText(element)));
  } catch {
    // an element of a document that is going away
  }
  return `<${parts.join(' ')}>` + (name ? ` "${shorten(mask(name))}"` : '');
}

/** The first few visible headings and alerts: what a person would say is on the page. */
export function pageSummary(document: Document, isVisible: (element: Element) => boolean): string {
  const shown: string[] = [];
  for (const element of elementsBelow(document)) {
    if (!element.matches('h1,h2,h3,[role=heading],[role=alert],[role=dialog],legend')) continue;
    const text = squash(innerText(element));
    if (text && isVisible(element)) shown.push(`"${shorten(mask(text), 50)}"`);
    if (shown.length === 4) break;
  }
  const title = squash(mask(document.title));
  return shown.length ? `the page shows ${shown.join(', ')}` : title ? `the page is "${shorten(title)}"` : 'the page shows no heading';
}
