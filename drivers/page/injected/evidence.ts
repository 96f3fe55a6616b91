// Evidence for a report: an outline of roles and names, and covers over all that a picture must not show. Values are never read.
import { childDocuments, composedAncestors, elementsBelow, isInput, isTextControl, rootsBelow, tag, viewOf } from './dom.ts';
import { accessibleName, roleOf } from './names.ts';
import { isPictorial } from './picture.ts';
import { isChecked, isEnabled, isVisible } from './state.ts';
import { looksSecret, mask, shorten, squash } from './text.ts';
import { nextFrame } from './wait.ts';

const mostLines = 200;

export function outline(): string {
  const lines: string[] = [];
  for (const each of [document, ...childDocuments(document)]) {
    const codes = codeLists(each);
    const depth = new Map<Element, number>();
    for (const element of elementsBelow(each)) {
      if (lines.length >= mostLines) return [...lines, '...'].join('\n');
      const line = outlineOf(element, codes);
      if (!line || !isVisible(element)) continue;
      let level = 0;
      for (const up of composedAncestors(element)) {
        if (up !== element && depth.has(up)) {
          level = depth.get(up)! + 1;
          break;
        }
      }
      depth.set(element, level);
      lines.push('  '.repeat(Math.min(level, 8)) + line);
    }
  }
  return lines.join('\n');
}

const skipped = new Set(['none', 'generic', 'presentation', 'rowgroup', 'document', 'list', 'row', 'definition', 'term', 'listitem', 'cell', 'group', 'status']);

function outlineOf(element: Element, codes: Set<Element>): string | null {
  if (['script', 'style', 'head', 'title', 'meta', 'link', 'noscript', 'template'].includes(tag(element))) return null;
  const hidden = [...composedAncestors(element)].some((up) => codes.has(up));
  const tell = (text: string) => (hidden && text ? ' "[masked]"' : text ? ` "${shorten(mask(squash(text)), 100)}"` : '');
  if (isTextControl(element)) {
    const name = accessibleName(element) || element.placeholder || element.name;
    return `${isInput(element) ? `${element.type} field` : 'text area'}${tell(name)}${element.value ? ' (filled)' : ''}${isEnabled(element) ? '' : ' (disabled)'}`;
  }
  if (tag(element) === 'iframe') return `iframe${tell(element.getAttribute('title') ?? element.getAttribute('name') ?? '')}`;
  const role = roleOf(element);
  if (role && !skipped.has(role)) {
    const checked = isChecked(element);
    const state = (checked === null ? '' : checked ? ' (checked)' : ' (not checked)') + (isEnabled(element) ? '' : ' (disabled)');
    return `${role}${tell(accessibleName(element))}${state}`;
  }
  const own = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.nodeValue ?? '').join(' ').trim();
  // What a named role says already is not said again.
  if (!own || [...composedAncestors(element)].some((up) => up !== element && ['button', 'a', 'h1', 'h2', 'h3', 'h4', 'label', 'option'].includes(tag(up)))) return null;
  return `text${tell(own)}`;
}

/** Containers of at least four short texts of the same shape: recovery codes, also those that no pattern knows. */
function codeLists(below: Document): Set<Element> {
  const lists = new Set<Element>();
  for (const element of elementsBelow(below)) {
    const text = tag(element) === 'pre' || tag(element) === 'code' ? (element.textContent ?? '').trim().split(/\s*\n\s*/u) :
      [...element.children].map((child) => squash(child.textContent ?? ''));
    if (text.length < 4) continue;
    const length = text[0]!.length;
    if (length >= 6 && length <= 40 && text.every((one) => one.length === length && !/[.,:!?]/u.test(one))) lists.add(element);
  }
  return lists;
}

// Covers: a style sheet for kinds of elements, which also meets what appears later, and boxes over the texts and drawings.
const hideKinds = `img, canvas, video, iframe, object, embed, picture { visibility: hidden !important; }
  input:not([type=submit], [type=button], [type=reset], [type=checkbox], [type=radio]), textarea, [contenteditable=""], [contenteditable=true], output {
    color: transparent !important; -webkit-text-fill-color: transparent !important; text-shadow: none !important; caret-color: transparent !important; }
  input::placeholder, textarea::placeholder { color: gray !important; -webkit-text-fill-color: gray !important; }`;

let undo: (() => void)[] = [];

export type Cover = [left: number, top: number, width: number, height: number];

/** Covers the page; returns where the boxes were laid. */
export async function cover(): Promise<Cover[]> {
  uncover();
  const covers: Cover[] = [];
  for (const each of [document, ...childDocuments(document)]) {
    const view = viewOf(each.documentElement);
    for (const root of rootsBelow(each)) {
      if (!('adoptedStyleSheets' in root)) continue;
      const sheet = new view.CSSStyleSheet();
      sheet.replaceSync(hideKinds);
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
      undo.push(() => void (root.adoptedStyleSheets = root.adoptedStyleSheets.filter((one) => one !== sheet)));
    }
    const rects = [...secretRects(each)];
    covers.push(...rects.map(coverOf));
    lay(each, rects);
  }
  await nextFrame();
  await nextFrame();
  return covers;
}

const coverOf = (rect: DOMRect): Cover => [rect.left, rect.top, rect.width, rect.height].map(Math.round) as Cover;

export function uncover(): void {
  for (const step of undo.splice(0)) step();
}

/** Is everything secret still where it was covered? */
export function coversHold(covered: Cover[]): boolean {
  const laid = new Set(covered.map(String));
  for (const each of [document, ...childDocuments(document)]) for (const rect of secretRects(each)) if (!laid.has(String(coverOf(rect)))) return false;
  return true;
}

function* secretRects(below: Document): Generator<DOMRect> {
  const codes = codeLists(below);
  for (const element of elementsBelow(below)) {
    if (codes.has(element) || (big(element) && isPictorial(element))) {
      if (isVisible(element)) yield element.getBoundingClientRect();
      continue;
    }
    const text = element.textContent ?? '';
    if (!hasText(element) || !looksSecret(text) || !isVisible(element)) continue;
    // The whole text of the element: a pattern may span several nodes.
    const range = below.createRange();
    range.selectNodeContents(element);
    yield* range.getClientRects();
  }
}

const big = (element: Element): boolean => element.getBoundingClientRect().width >= 40;

function hasText(element: Element): boolean {
  if (['script', 'style', 'noscript', 'html', 'body', 'head', 'title'].includes(tag(element))) return false;
  // Groups of a code may be an element each; their parent then has no text of its own but is small.
  for (const child of element.childNodes) if (child.nodeType === Node.TEXT_NODE && child.nodeValue?.trim()) return true;
  return (element.textContent ?? '').length < 120;
}

function lay(below: Document, rects: DOMRect[]): void {
  if (!rects.length) return;
  const host = below.createElement('div');
  const root = host.attachShadow({ mode: 'closed' });
  host.style.cssText = 'all:initial;position:fixed;inset:0;width:100vw;height:100vh;pointer-events:none;background:none;border:0;margin:0;padding:0;z-index:2147483647';
  for (const rect of rects) {
    const box = below.createElement('div');
    box.style.cssText = `position:fixed;left:${rect.left - 2}px;top:${rect.top - 2}px;width:${rect.width + 4}px;height:${rect.height + 4}px;background:#777`;
    root.append(box);
  }
  below.documentElement.append(host);
  // Above open modal dialogs, which lie in the top layer.
  host.setAttribute('popover', 'manual');
  host.showPopover?.();
  undo.push(() => host.remove());
}
