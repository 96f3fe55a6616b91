// Locators: from the driver's plain data to one element. Strict, with one allowance: where several match and exactly one of them is
// visible, that one is meant. Apps keep hidden twins of what they show (the other step of a dialog, the mobile menu), and a person
// who writes a playbook sees only the visible one.
import { childDocuments, elementsBelow, isInput, isTextControl, rootsBelow, tag, type Scope } from './dom.ts';
import { findFields, findSubmit, type FieldKind } from './fields.ts';
import { accessibleName, describe, innerText, isControl, isHiddenFromRoles, labelTexts, pageSummary, roleOf } from './names.ts';
import { isChecked, isVisible } from './state.ts';
import { likeness, matchesAny, squash } from './text.ts';

export interface Wanted {
  kind: 'role' | 'label' | 'text' | 'placeholder' | 'test_id' | 'css' | 'field' | 'submit_of' | 'any_of';
  says: string;          // as the playbook writes it, for messages
  role?: string;
  texts?: string[];
  exact?: boolean;
  css?: string;
  field?: FieldKind;
  any?: Wanted[];
  of?: Wanted;
  within?: Wanted;
  has_text?: string;
  checked?: boolean;
}

/** The request itself is wrong (a selector that is none). */
export class Refused extends Error {
  constructor(readonly code: 'invalid_input' | 'origin_blocked' | 'page_changed', message: string) {
    super(message);
  }
}

export type Found = { element: Element } | { none: () => string } | { many: Element[] };

let testIdAttribute = 'data-testid';
export const setTestIdAttribute = (name: string): void => void (testIdAttribute = name);

/** All matches: in this document, and where it has none, in its same-origin frames. */
export function findAll(wanted: Wanted): Element[] {
  const here = search(wanted, document);
  if (here.length) return here;
  const below: Element[] = [];
  for (const child of childDocuments(document)) below.push(...search(wanted, child));
  return below;
}

export function findOne(wanted: Wanted): Found {
  const matches = findAll(wanted);
  return single(matches, wanted);
}

function single(matches: Element[], wanted: Wanted): Found {
  if (!matches.length) return { none: () => missing(wanted) };
  if (matches.length === 1) return { element: matches[0]! };
  const visible = matches.filter(isVisible);
  return visible.length === 1 ? { element: visible[0]! } : { many: visible.length ? visible : matches };
}

function search(wanted: Wanted, scope: Scope): Element[] {
  let below: Scope = scope;
  if (wanted.within) {
    const found = single(search(wanted.within, scope), wanted.within);
    if (!('element' in found)) return [];
    below = found.element;
  }
  const keep = (element: Element): boolean =>
    (wanted.has_text === undefined || matchesAny(innerText(element) || (element.textContent ?? ''), [wanted.has_text], false)) &&
    (wanted.checked === undefined || isChecked(element) === wanted.checked);
  return candidates(wanted, below).filter(keep);
}

function candidates(wanted: Wanted, scope: Scope): Element[] {
  const texts = wanted.texts ?? [];
  const exact = wanted.exact ?? false;
  const filter = (test: (element: Element) => boolean): Element[] => [...elementsBelow(scope)].filter(test);
  switch (wanted.kind) {
    case 'css': return bySelector(wanted.css ?? '', scope);
    case 'test_id': return filter((element) => texts.includes(element.getAttribute(testIdAttribute) ?? '\0'));
    case 'placeholder':
      return filter((element) => element.hasAttribute('placeholder') && matchesAny(element.getAttribute('placeholder')!, texts, exact));
    case 'label':
      return filter((element) => isControl(element) && (labelTexts(element).some((label) => matchesAny(label, texts, exact)) ||
        matchesAny(accessibleName(element), texts, exact)));
    case 'role':
      return filter((element) => roleOf(element) === wanted.role && !isHiddenFromRoles(element) &&
        (!texts.length || matchesAny(accessibleName(element), texts, exact)));
    case 'text': return byText(texts, exact, scope);
    case 'field': return findFields(wanted.field ?? 'username', scope);
    case 'submit_of': {
      const field = single(search(wanted.of!, scope), wanted.of!);
      return 'element' in field ? findSubmit(field.element) : [];
    }
    case 'any_of': {
      const each = (wanted.any ?? []).map((one) => search(one, scope));
      return each.find((matches) => matches.some(isVisible)) ?? each.find((matches) => matches.length) ?? [];
    }
  }
}

function bySelector(css: string, scope: Scope): Element[] {
  try {
    return [...rootsBelow(scope)].flatMap((root) => [...root.querySelectorAll(css)]);
  } catch {
    throw new Refused('invalid_input', `"${css}" is not a CSS selector that the browser knows`);
  }
}

const silent = new Set(['script', 'style', 'noscript', 'template', 'head', 'title', 'meta', 'link']);

function ownText(element: Element): string {
  if (isInput(element)) return ['button', 'submit', 'reset'].includes(element.type) ? element.value : '';
  if (tag(element) === 'textarea') return '';
  return element.textContent ?? '';
}

/** The smallest elements whose text matches. */
function byText(texts: string[], exact: boolean, scope: Scope): Element[] {
  const matches = [...elementsBelow(scope)].filter((element) => !silent.has(tag(element)) && matchesAny(ownText(element), texts, exact));
  const holders = new Set<Element>();
  for (const match of matches) for (let up = match.parentElement; up && !holders.has(up); up = up.parentElement) holders.add(up);
  return matches.filter((match) => !holders.has(match));
}

/** Why nothing matched: the part that is missing, and what comes closest. */
function missing(wanted: Wanted): string {
  const part = (name: string, of: Wanted): string | null => {
    const found = single(search(of, document), of);
    if ('none' in found) return `${name} is missing: ${found.none()}`;
    return 'many' in found ? `${name}, ${of.says}, matches ${found.many.length} elements: ${list(found.many)}` : null;
  };
  const outer = wanted.within && part(`the element that ${wanted.says} lies within`, wanted.within);
  if (outer) return outer;
  if (wanted.kind === 'submit_of' && wanted.of) {
    return part('the field to submit', wanted.of) ?? `no visible button submits what is around ${list(search(wanted.of, document).slice(0, 1))}`;
  }
  const near = nearest(wanted);
  return `nothing matches ${wanted.says}` + (near.length ? `; nearest: ${list(near)}` : '') + `; ${pageSummary(document, isVisible)}`;
}

export const list = (elements: Element[]): string =>
  elements.slice(0, 5).map(describe).join(', ') + (elements.length > 5 ? ` and ${elements.length - 5} more` : '');

/** Up to three elements a person would have meant. */
function nearest(wanted: Wanted): Element[] {
  const first = wanted.kind === 'any_of' ? wanted.any?.[0] : wanted;
  if (!first) return [];
  const textOf = (element: Element): string => {
    switch (first.kind) {
      case 'test_id': return element.getAttribute(testIdAttribute) ?? '';
      case 'placeholder': return element.getAttribute('placeholder') ?? '';
      default: return accessibleName(element) || squash(element.textContent ?? '').slice(0, 80);
    }
  };
  const eligible = (element: Element): boolean => {
    switch (first.kind) {
      case 'role': return element.matches('a[href],button,input,select,textarea,[role]');
      case 'test_id': return element.hasAttribute(testIdAttribute);
      case 'placeholder': return element.hasAttribute('placeholder');
      case 'label': return isControl(element);
      case 'field': return isTextControl(element);
      case 'text': return !element.firstElementChild && squash(element.textContent ?? '') !== '';
      default: return element.matches('a[href],button,input:not([type=hidden]),select,textarea,[role=button]');
    }
  };
  const ranked: { element: Element; rank: number }[] = [];
  for (const element of elementsBelow(document)) {
    if (silent.has(tag(element)) || !eligible(element) || !isVisible(element)) continue;
    const alike = Math.max(0, ...(first.texts ?? []).map((text) => likeness(text, textOf(element))));
    const rank = alike + (first.kind === 'role' && roleOf(element) === first.role ? 0.2 : 0);
    if (rank > 0.3 || !(first.texts ?? []).length) ranked.push({ element, rank });
    if (ranked.length > 400) break;
  }
  return ranked.sort((a, b) => b.rank - a.rank).slice(0, 3).map((one) => one.element);
}
