// Fields and submit buttons found by their traits: autocomplete first, then type and inputmode, then the words of label, name, id and
// placeholder. Only visible ones count. The best score wins; equals are ambiguous and stay so, except boxes of one code.
import { closest, composedAncestors, composedContains, composedParent, documentOf, elementsBelow, isInput, isTextControl, tag, type Scope } from './dom.ts';
import { accessibleName, labelTexts } from './names.ts';
import { isVisible } from './state.ts';
import { codeWords, containsAny, newWords, notSubmitWords, otherCodeWords, recoveryWords, repeatWords, saysAny, submitWords, usernameWords, weakCodeWords } from './words.ts';

export type FieldKind = 'username' | 'password' | 'new_password' | 'code';

interface Traits {
  control: HTMLInputElement | HTMLTextAreaElement;
  type: string;
  tokens: string[];   // of autocomplete
  words: string;      // everything that names it, in lower case
}

function traitsOf(control: HTMLInputElement | HTMLTextAreaElement): Traits {
  const attribute = (name: string) => control.getAttribute(name) ?? '';
  const named = [...labelTexts(control), attribute('placeholder'), attribute('title'), attribute('name'), control.id, attribute('data-testid'), nearbyText(control)];
  return {
    control,
    type: isInput(control) ? control.type : 'textarea',
    tokens: attribute('autocomplete').toLowerCase().split(/\s+/u),
    words: named.join(' ').toLowerCase().replace(/([a-z])[_\-](?=[a-z])/gu, '$1 '),
  };
}

/** A label that is none: the short text right before a control without a label of its own. */
function nearbyText(control: Element): string {
  if (labelTexts(control).length) return '';
  let at: Element | null = control;
  for (let up = 0; at && up < 2; ++up, at = composedParent(at)) {
    const before: string = (at.previousElementSibling?.textContent ?? '').trim();
    if (before && before.length < 60) return before;
  }
  return '';
}

const score: Record<FieldKind, (traits: Traits, all: Traits[]) => number> = {
  username({ control, type, tokens, words }, all) {
    if (!['text', 'email', 'tel', 'url', 'search'].includes(type)) return 0;
    if (tokens.includes('one-time-code') || closest(control, '[role=search],form[action*=search i]')) return 0;
    if (tokens.includes('username')) return 100;
    if (tokens.includes('email')) return 80;
    if (type === 'search') return 0;
    if (containsAny(words, usernameWords)) return type === 'email' ? 75 : 70;
    if (type === 'email') return 65;
    const password = all.find((other) => other.type === 'password');
    return password && precedes(control, password.control) && sameForm(control, password.control) ? 30 : 0;
  },
  password({ type, tokens, words }) {
    if (tokens.includes('current-password')) return 100;
    if (type !== 'password' || tokens.includes('one-time-code')) return 0;
    if (saysAny(words, repeatWords)) return 10;
    if (containsAny(words, codeWords)) return 15;
    return tokens.includes('new-password') || saysAny(words, newWords) ? 20 : 60;
  },
  new_password({ type, tokens, words }) {
    if (type !== 'password' && !tokens.includes('new-password')) return 0;
    if (tokens.includes('current-password') || saysAny(words, repeatWords)) return 0;
    return tokens.includes('new-password') ? 100 : saysAny(words, newWords) ? 60 : 0;
  },
  code({ control, type, tokens, words }, all) {
    if (tokens.includes('one-time-code')) return 100;
    if (!['text', 'tel', 'number', 'password'].includes(type) || containsAny(words, otherCodeWords)) return 0;
    if (tokens.some((token) => token.endsWith('password') || token === 'username' || token === 'email')) return 0;
    if (containsAny(words, codeWords)) return containsAny(words, recoveryWords) ? 55 : 80;
    if (boxesAround(control)) return 75;
    if (type === 'password') return 0;
    const numeric = type === 'tel' || type === 'number' || ['numeric', 'tel'].includes(control.inputMode);
    const length = control.maxLength;
    if (saysAny(words, weakCodeWords)) return 60;
    if (numeric && length >= 6 && length <= 8) return 50;
    if (length >= 6 && length <= 8) return 40;
    // The only text field of a page that asks for a code may say so only in its heading.
    return all.length === 1 && containsAny((documentOf(control).body?.innerText ?? '').toLowerCase().slice(0, 5000), codeWords) ? 20 : 0;
  },
};

export function findFields(kind: FieldKind, scope: Scope): Element[] {
  const all: Traits[] = [];
  for (const element of elementsBelow(scope)) if (isTextControl(element) && isVisible(element)) all.push(traitsOf(element));
  let best = 0;
  let matches: Element[] = [];
  for (const traits of all) {
    const points = score[kind](traits, all);
    if (points > best) [best, matches] = [points, []];
    if (points && points === best) matches.push(traits.control);
  }
  // The boxes of one code are one field; so are a new password and its repetition that nothing tells apart.
  const boxes = matches.length > 1 ? boxesAround(matches[0]!) : null;
  if (boxes && matches.every((match) => boxes.includes(match as HTMLInputElement))) return [boxes[0]!];
  if (kind === 'new_password' && matches.length > 1) return [matches[0]!];
  return matches;
}

/** The boxes of a code that is entered one character a box, in order, when `control` is one of them. */
export function boxesAround(control: Element): HTMLInputElement[] | null {
  if (!isBox(control)) return null;
  let up: Element | null = composedParent(control);
  for (let level = 0; up && level < 5; ++level, up = composedParent(up)) {
    const boxes = [...elementsBelow(up)].filter((element): element is HTMLInputElement => isBox(element) && isVisible(element));
    if (boxes.length >= 4) return boxes.length <= 10 ? boxes : null;
    if (tag(up) === 'form') break;
  }
  return null;
}

function isBox(element: Element): element is HTMLInputElement {
  if (!isInput(element) || !['text', 'tel', 'number', 'password'].includes(element.type)) return false;
  if (element.maxLength === 1) return true;
  // Some widgets leave the length to their script: narrow, as high as wide, meant for one digit.
  const rect = element.getBoundingClientRect();
  const numeric = element.type !== 'text' || ['numeric', 'tel', 'decimal'].includes(element.inputMode) || element.autocomplete === 'one-time-code';
  return element.maxLength < 0 && numeric && rect.width > 0 && rect.width <= 90 && rect.width <= rect.height * 2;
}

const precedes = (a: Element, b: Element): boolean => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
const sameForm = (a: Element, b: Element): boolean => closest(a, 'form') === closest(b, 'form');

const buttons = 'button,input[type=submit],input[type=button],input[type=image],[role=button]';

/** The buttons that may submit what `field` is in, best first; those that share the best score are all returned. */
export function findSubmit(field: Element): Element[] {
  const form = (field as HTMLInputElement).form ?? (closest(field, 'form') as HTMLFormElement | null);
  if (form) {
    const own = [...elementsBelow(form), ...[...form.elements].filter((element) => !composedContains(form, element))];
    const best = bestButtons(own, field);
    if (best.length) return best;
  }
  // No form, or one without a button: the nearest box around the field that has one; never beyond a dialog.
  for (const around of composedAncestors(field)) {
    const best = bestButtons([...elementsBelow(around)], field);
    if (best.length) return best;
    if (around.matches('dialog,[role=dialog],[role=alertdialog],[aria-modal=true]')) break;
  }
  return [];
}

function bestButtons(elements: Element[], field: Element): Element[] {
  let best = 0;
  let matches: Element[] = [];
  for (const element of new Set(elements)) {
    if (!element.matches(buttons) || !isVisible(element)) continue;
    const points = scoreButton(element, field);
    if (points > best) [best, matches] = [points, []];
    if (points && points === best) matches.push(element);
  }
  return matches;
}

function scoreButton(button: Element, field: Element): number {
  const name = accessibleName(button).toLowerCase();
  const submits = isInput(button) ? ['submit', 'image'].includes(button.type) : tag(button) === 'button' && (button as HTMLButtonElement).type === 'submit';
  const says = saysAny(name, submitWords);
  if (saysAny(name, notSubmitWords)) return 0;
  if (button.hasAttribute('aria-haspopup') || button.hasAttribute('aria-expanded')) return 0;
  if (!submits && !says) return 0;
  let points = (submits ? 50 : 0) + (says ? 40 : 0) + (precedes(field, button) ? 5 : 0);
  if (/primary|cta/iu.test(button.className)) points += 8;
  return points;
}
