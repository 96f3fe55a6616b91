// The tree as a person sees it: open shadow roots are part of it, closed ones once they were handed to us, and the documents of
// same-origin frames. Everything here runs in our isolated world, so nothing the page patched is ever called.

const closedRoots = new WeakMap<Element, ShadowRoot>();
const knownRootless = new WeakSet<Element>();

/** Registers a closed root that the driver resolved into this world. */
export function adoptRoot(root: ShadowRoot): void {
  closedRoots.set(root.host, root);
}

export function shadowRootOf(element: Element): ShadowRoot | null {
  return element.shadowRoot ?? closedRoots.get(element) ?? null;
}

export const isElement = (node: unknown): node is Element => (node as Node | null)?.nodeType === Node.ELEMENT_NODE;

export const tag = (element: Element): string => element.localName;

export function isInput(element: Element): element is HTMLInputElement {
  return tag(element) === 'input' && 'value' in element;
}

export function isTextControl(element: Element): element is HTMLInputElement | HTMLTextAreaElement {
  return (isInput(element) && !notText.has(element.type)) || tag(element) === 'textarea';
}
const notText = new Set(['button', 'checkbox', 'color', 'file', 'hidden', 'image', 'radio', 'range', 'reset', 'submit']);

export type Scope = Document | ShadowRoot | Element;

/** All elements below `scope` in document order, through shadow roots; a host's shadow content comes before its children. */
export function* elementsBelow(scope: Scope): Generator<Element> {
  if (isElement(scope)) {
    const root = shadowRootOf(scope);
    if (root) yield* elementsBelow(root);
  }
  const all = scope.querySelectorAll('*');
  for (const element of all) {
    yield element;
    const root = shadowRootOf(element);
    if (root) yield* elementsBelow(root);
  }
}

/** `scope` and every shadow root below it. */
export function* rootsBelow(scope: Scope): Generator<Scope> {
  yield scope;
  if (isElement(scope)) {
    const root = shadowRootOf(scope);
    if (root) yield* rootsBelow(root);
  }
  for (const element of scope.querySelectorAll('*')) {
    const root = shadowRootOf(element);
    if (root) yield* rootsBelow(root);
  }
}

/** The parent as rendering sees it: through slots' hosts and shadow boundaries. */
export function composedParent(element: Element): Element | null {
  if (element.assignedSlot) return element.assignedSlot;
  if (element.parentElement) return element.parentElement;
  const root = element.getRootNode();
  return root.nodeType === Node.DOCUMENT_FRAGMENT_NODE && 'host' in root ? (root as ShadowRoot).host : null;
}

export function* composedAncestors(element: Element): Generator<Element> {
  for (let at: Element | null = element; at; at = composedParent(at)) yield at;
}

export function composedContains(ancestor: Element, element: Element): boolean {
  for (const at of composedAncestors(element)) if (at === ancestor) return true;
  return false;
}

/** The nearest composed ancestor (or the element itself) that matches. */
export function closest(element: Element, selector: string): Element | null {
  for (const at of composedAncestors(element)) if (at.matches(selector)) return at;
  return null;
}

export const viewOf = (node: Node): Window & typeof globalThis =>
  ((node.ownerDocument ?? (node as Document)).defaultView ?? window) as Window & typeof globalThis;

export const documentOf = (node: Node): Document => node.ownerDocument ?? (node as Document);

export const styleOf = (element: Element): CSSStyleDeclaration => viewOf(element).getComputedStyle(element);

/** The documents of same-origin frames below `document`, at any depth. */
export function* childDocuments(document: Document): Generator<Document> {
  for (const element of elementsBelow(document)) {
    if (tag(element) !== 'iframe' && tag(element) !== 'frame') continue;
    const child = contentDocument(element as HTMLIFrameElement);
    if (child) {
      yield child;
      yield* childDocuments(child);
    }
  }
}

function contentDocument(frame: HTMLIFrameElement): Document | null {
  try {
    return frame.contentDocument;
  } catch {
    return null;
  }
}

export interface Box { x: number; y: number; width: number; height: number }

/** Where the viewport of `element`'s document lies in the viewport of this world's document (same-origin frames). */
export function frameOffset(element: Element): { x: number; y: number } {
  let x = 0;
  let y = 0;
  for (let view: Window = viewOf(element); view !== window;) {
    const owner = view.frameElement;
    if (!owner) break;
    const box = contentBox(owner);
    x += box.x;
    y += box.y;
    view = viewOf(owner);
  }
  return { x, y };
}

/** The content box of a frame element in its own viewport. */
export function contentBox(owner: Element): Box {
  const rect = owner.getBoundingClientRect();
  const style = styleOf(owner);
  const px = (value: string) => parseFloat(value) || 0;
  const left = owner.clientLeft + px(style.paddingLeft);
  const top = owner.clientTop + px(style.paddingTop);
  return {
    x: rect.left + left,
    y: rect.top + top,
    width: rect.width - left - px(style.paddingRight) - px(style.borderRightWidth),
    height: rect.height - top - px(style.paddingBottom) - px(style.borderBottomWidth),
  };
}

/** What a press at this point of `document`'s viewport would hit, through all shadow roots we know. */
export function deepElementFromPoint(document: Document, x: number, y: number): Element | null {
  let root: Document | ShadowRoot = document;
  let found: Element | null = null;
  for (;;) {
    const inner: Element | null = root.elementFromPoint(x, y);
    if (!inner || inner === found) return found;
    found = inner;
    const next: ShadowRoot | null = shadowRootOf(found);
    if (!next) return found;
    root = next;
  }
}

/** Elements that may hold a closed root we were not given: custom elements, and on request what HTML lets host one. */
export function suspectedHosts(scope: Document, thorough: boolean): Element[] {
  const hosts: Element[] = [];
  for (const element of elementsBelow(scope)) {
    if (shadowRootOf(element) || knownRootless.has(element)) continue;
    if (tag(element).includes('-') || (thorough && plainHosts.has(tag(element)) && !element.firstElementChild)) hosts.push(element);
  }
  return hosts;
}
const plainHosts = new Set(['article', 'aside', 'blockquote', 'div', 'footer', 'header', 'main', 'nav', 'p', 'section', 'span']);

/** After a search for closed roots: whoever still shows none has none. */
export function settleHosts(hosts: Element[]): void {
  for (const host of hosts) if (!shadowRootOf(host)) knownRootless.add(host);
}

const deep = (root: Document | ShadowRoot): Element | null => {
  const at = root.activeElement;
  const inner = at && shadowRootOf(at)?.activeElement;
  return inner ? deep(shadowRootOf(at)!) : at;
};
/** What has the focus, in the innermost root. */
export const activeElement = (document: Document): Element | null => deep(document);
