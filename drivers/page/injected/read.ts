// Reading: every place below a scope that may hold a secret or recovery codes, each with where it is. Contents go to the driver only.
import { childDocuments, closest, composedParent, elementsBelow, isElement, isTextControl, styleOf, tag, type Scope } from './dom.ts';
import { innerText } from './names.ts';
import { isVisible } from './state.ts';

export interface Reading { kind: 'text' | 'value' | 'attribute' | 'link'; where: string; content: string }

const mostReadings = 2000;
const longest = 20_000;
const shortestAttribute = 6;

export function readBelow(scope: Element | null): Reading[] {
  const scopes: Scope[] = scope ? [scope] : [document, ...childDocuments(document)];
  const readings: Reading[] = [];
  const add = (kind: Reading['kind'], where: string, content: string): void => {
    if (readings.length < mostReadings && content.trim()) readings.push({ kind, where, content: content.slice(0, longest) });
  };
  for (const below of scopes) {
    const elements = [...(isElement(below) ? [below] : []), ...elementsBelow(below)].filter((element) => !silent.has(tag(element)));
    for (const element of textBlocks(elements, below)) add('text', place(element), innerText(element));
    for (const element of elements) {
      if (isTextControl(element) || tag(element) === 'output' || (tag(element) === 'input' && (element as HTMLInputElement).type === 'hidden')) {
        add('value', place(element), (element as HTMLInputElement).value);
      }
      readAttributes(element, add);
    }
  }
  return readings;
}

const silent = new Set(['script', 'style', 'noscript', 'template', 'head', 'meta', 'link', 'title', 'path', 'g', 'rect', 'use']);

/** Blocks that hold text of their own; inside them the leaf elements that hold a part of it; around them what looks like a list. */
function textBlocks(elements: Element[], scope: Scope): Iterable<Element> {
  const blocks = new Set<Element>();
  for (const element of elements) {
    if (isTextControl(element) || !isVisible(element)) continue;
    if (isList(element)) blocks.add(element);
    if (!hasOwnText(element)) continue;
    let block: Element | null = element;
    while (block && block !== scope && styleOf(block).display.startsWith('inline')) block = composedParent(block);
    if (block && block !== element) blocks.add(block);
    blocks.add(element);
  }
  return blocks;
}

function hasOwnText(element: Element): boolean {
  for (const child of element.childNodes) if (child.nodeType === Node.TEXT_NODE && child.nodeValue?.trim()) return true;
  return false;
}

function isList(element: Element): boolean {
  if (['ul', 'ol', 'dl', 'table', 'pre'].includes(tag(element))) return true;
  const children = [...element.children];
  if (children.length < 3) return false;
  const texts = children.map((child) => (child.textContent ?? '').trim());
  return texts.every((text) => text.length <= 100) && texts.filter(Boolean).length >= 3;
}

function readAttributes(element: Element, add: (kind: Reading['kind'], where: string, content: string) => void): void {
  for (const { name, value } of element.attributes) {
    if (value.length < shortestAttribute) continue;
    if (name === 'href' && !value.startsWith('#')) add('link', `href of ${place(element)}`, value);
    else if (name === 'src' && !value.startsWith('data:')) add('attribute', `src of ${place(element)}`, value);
    else if (telling.has(name) || name.startsWith('data-')) add('attribute', `${name} of ${place(element)}`, value);
  }
}
const telling = new Set(['alt', 'title', 'aria-label', 'content', 'value', 'xlink:href']);

/** `<kbd> in form#twofa_form`; never any content. */
export function place(element: Element): string {
  const short = (at: Element): string => {
    const id = at.id && !/\d{4,}/u.test(at.id) ? `#${at.id}` : '';
    const name = !id && at.getAttribute('name') ? `[name=${at.getAttribute('name')}]` : '';
    const first = !id && !name ? at.classList[0] : undefined;
    return tag(at) + id + name + (first && first.length < 40 ? `.${first}` : '');
  };
  const parent = composedParent(element);
  const around = parent && closest(parent, '[id],form,dialog,[role=dialog],main');
  return `<${short(element)}>` + (around ? ` in ${short(around)}` : '');
}
