// The declarations that Runtime.callFunctionOn is given. Each must be self-contained: its text alone crosses to the browser.
import type { Totpilot } from './world.ts';

type World = typeof globalThis & { totpilot: Totpilot };

/** In our world. */
export function run(verb: never, request: never): unknown {
  return (globalThis as World).totpilot.run(verb, request);
}

/** In our world: a held element, as an object of the protocol. */
export function element(handle: number): unknown {
  return (globalThis as World).totpilot.element(handle);
}

/** In our world, `this` being a closed shadow root. */
export function adoptRoot(this: ShadowRoot): void {
  (globalThis as World).totpilot.adoptRoot(this);
}

/** In the page's own world: catches what the page copies by navigator.clipboard, or prints, instead of letting it happen. Undone
 *  with the first catch or when the time is up; null then. */
export function trapHandout(kind: 'clipboard' | 'print', within: number): Promise<string | null> {
  return new Promise((resolve) => {
    const undo: (() => void)[] = [];
    const finish = (text: string | null): void => {
      for (const step of undo.splice(0)) step();
      resolve(text);
    };
    const replace = (object: object, name: string, value: unknown): void => {
      const before = Object.getOwnPropertyDescriptor(object, name);
      Object.defineProperty(object, name, { value, configurable: true, writable: true, enumerable: true });
      undo.push(() => {
        if (before) Object.defineProperty(object, name, before);
        else delete (object as Record<string, unknown>)[name];
      });
    };
    setTimeout(() => finish(null), within);
    if (kind === 'clipboard') {
      if (typeof Clipboard === 'undefined') return; // not a secure context: only the copy event remains
      replace(Clipboard.prototype, 'writeText', async (text: string) => finish(String(text)));
      replace(Clipboard.prototype, 'write', async (items: ClipboardItem[]) => {
        for (const item of items) {
          if (item.types.includes('text/plain')) return finish(await (await item.getType('text/plain')).text());
        }
      });
      return;
    }
    const printed = (view: Window) => () => {
      const body = view.document.body.cloneNode(true) as HTMLElement;
      for (const silent of body.querySelectorAll('script,style,noscript,template')) silent.remove();
      finish(view.document.body.innerText.trim() || (body.textContent ?? '').trim());
    };
    const watch = (view: Window): void => {
      try {
        replace(view, 'print', printed(view));
      } catch {
        // a frame of another origin: not ours to touch
      }
    };
    watch(window);
    for (const frame of document.querySelectorAll('iframe')) if (frame.contentWindow) watch(frame.contentWindow);
    // Frames and popups that are made for printing come with the click, and print before anybody else has a turn: they are met where
    // the page takes hold of them.
    const frames = HTMLIFrameElement.prototype;
    const contentWindow = Object.getOwnPropertyDescriptor(frames, 'contentWindow')!;
    Object.defineProperty(frames, 'contentWindow', {
      ...contentWindow,
      get(this: HTMLIFrameElement) {
        const view = contentWindow.get!.call(this) as Window | null;
        if (view && undo.length) watch(view);
        return view;
      },
    });
    undo.push(() => void Object.defineProperty(frames, 'contentWindow', contentWindow));
    const open = window.open.bind(window);
    replace(window, 'open', (...where: Parameters<typeof window.open>) => {
      const view = open(...where);
      if (view) watch(view);
      return view;
    });
  });
}
