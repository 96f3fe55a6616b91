// The world script: evaluated at the start of every document in our isolated world. Leaves one object there, `totpilot`, whose run()
// is called by the driver with a verb and a request. Answers are {value}, {miss}, {closed} (look for closed shadow roots, then ask
// again) or {refused}; `at` is the document's address.
import { prepareClick } from './click.ts';
import { serverDate } from './clock.ts';
import { holds, maskedAddress, waitForAny, type Condition } from './conditions.ts';
import { adoptRoot, contentBox, frameOffset, isInput, tag } from './dom.ts';
import { cover, coversHold, outline, uncover, type Cover } from './evidence.ts';
import { settle, watch } from './guard.ts';
import { Refused, setTestIdAttribute, type Wanted } from './locate.ts';
import { describe } from './names.ts';
import { findPictures, pose } from './picture.ts';
import { readBelow } from './read.ts';
import { fillSecret, noteField, type SecretRequest } from './secret.ts';
import { isChecked } from './state.ts';
import { heldElement, hold, reach, release, type Need } from './target.ts';
import { mask, squash } from './text.ts';
import { chooseOption, exactly, isSelect, typeInto } from './type.ts';
import { awaitCopy } from './copy.ts';
import { closedSearchDone, until, type Attempt } from './wait.ts';

interface Common { within: number; closed: boolean; test_id_attribute: string }
interface Targeted extends Common { target: Wanted }

const verbs = {
  /** Resolves when the document can be used; tells how it was answered. */
  async arrive({ within, closed }: Common) {
    const ready = await until<null>((): Attempt<null> => (document.readyState === 'loading' ? { not: 'the page is still loading' } : { value: null }), within, closed);
    if (!('value' in ready)) return ready;
    const entry = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming & { responseStatus?: number } | undefined;
    return { value: { status: entry?.responseStatus ?? 0, url: location.href } };
  },

  wait: ({ conditions, within, closed }: Common & { conditions: Condition[] }) => waitForAny(conditions, within, closed),
  hold: ({ conditions }: { conditions: Condition[] }) => ({ value: conditions.every((condition) => holds(condition) === null) }),

  async locate({ target, need, within, closed }: Targeted & { need: Need }) {
    const result = await until(() => reach(target, need), within, closed);
    if (!('value' in result)) return result;
    noteField(result.value);
    return { value: { handle: hold(result.value), says: describe(result.value) } };
  },

  async fill({ target, text, within, closed }: Targeted & { text: string }) {
    let kept = false;
    let tries = 0;
    return await until<null>(async () => {
      const reached = reach(target, 'editable');
      if (!('value' in reached)) return reached;
      // An app that has just started may put its own state over the field once more.
      kept = ['kept', 'gone'].includes(await typeInto(reached.value, text, exactly)) || tries++ >= 5;
      if (kept && tries <= 5) return { value: null };
      const not = 'did not keep the text';
      if (kept) throw new Refused('page_changed', `${describe(reached.value)} ${not}`);
      return { not, detail: () => `${describe(reached.value)} ${not}` };
    }, within, closed);
  },

  fill_secret: async (request: SecretRequest) => ({ value: await fillSecret(request) }),

  async select({ target, option, within, closed }: Targeted & { option: string }) {
    return await until<null>(() => {
      const reached = reach(target, 'enabled');
      if (!('value' in reached)) return reached;
      if (!isSelect(reached.value)) throw new Refused('page_changed', `${describe(reached.value)} is no <select>`);
      const not = chooseOption(reached.value, option);
      return not ? { not: 'the option is missing', detail: () => not } : { value: null };
    }, within, closed);
  },

  /** Null where the state is the wanted one already, else the handle of what to press. */
  async check_state({ target, wanted, within, closed }: Targeted & { wanted: boolean }) {
    const result = await until(() => reach(target, 'attached'), within, closed);
    if (!('value' in result)) return result;
    const checked = isChecked(result.value);
    if (checked === null) throw new Refused('page_changed', `${describe(result.value)} can not be checked`);
    return { value: checked === wanted };
  },

  /** Waits for a press to have its effect. */
  async await_checked({ target, wanted, within, closed }: Targeted & { wanted: boolean }) {
    return await until<null>(() => {
      const reached = reach(target, 'attached');
      if (!('value' in reached)) return reached;
      const not = `is ${wanted ? 'not checked' : 'checked'} although it was clicked`;
      return isChecked(reached.value) === wanted ? { value: null } : { not, detail: () => `${describe(reached.value)} ${not}` };
    }, within, closed);
  },

  prepare_click: ({ target, within, closed }: Targeted) => prepareClick(target, within, closed),
  settle_click: ({ click }: { click: number }) => ({ value: settle(click) }),

  async focus({ target, within, closed }: Targeted) {
    const result = await until(() => reach(target, 'enabled'), within, closed);
    if (!('value' in result)) return result;
    (result.value as HTMLElement).focus({ preventScroll: false });
    return { value: null };
  },

  async locate_upload({ target, within, closed }: Targeted) {
    const result = await until(() => reach(target, 'attached'), within, closed);
    if (!('value' in result)) return result;
    const element = result.value;
    if (!isInput(element) || element.type !== 'file') throw new Refused('page_changed', `${describe(element)} takes no file`);
    return { value: { handle: hold(element) } };
  },

  /** The content box of a frame element in this world's viewport, brought into view. */
  frame_box({ handle }: { handle: number }) {
    const element = heldElement(handle);
    if (!element?.isConnected) throw new Refused('page_changed', 'the frame was removed from the page');
    const box = contentBox(element);
    if (box.y + box.height < 0 || box.x + box.width < 0 || box.y > innerHeight || box.x > innerWidth) element.scrollIntoView({ block: 'center', behavior: 'instant' });
    const { x, y, width, height } = contentBox(element);
    const offset = frameOffset(element);
    return { value: { x: x + offset.x, y: y + offset.y, width, height } };
  },
  is_frame({ handle }: { handle: number }) {
    const element = heldElement(handle);
    return { value: element !== null && ['iframe', 'frame'].includes(tag(element)) };
  },
  release: ({ handle }: { handle: number }) => (release(handle), { value: null }),

  async read({ target, within, closed }: Common & { target?: Wanted }) {
    if (!target) return { value: readBelow(null) };
    const scope = await until(() => reach(target, 'visible'), within, closed);
    return 'value' in scope ? { value: readBelow(scope.value) } : scope;
  },
  async pictures({ target, within, closed }: Common & { target?: Wanted }) {
    if (!target) return { value: findPictures(null) };
    const scope = await until(() => reach(target, 'visible'), within, closed);
    return 'value' in scope ? { value: findPictures(scope.value) } : scope;
  },
  async pose({ handle }: { handle: number }) {
    const element = heldElement(handle);
    release(handle);
    return { value: element && (await pose(element)) };
  },
  scroll_offset: () => ({ value: { x: scrollX, y: scrollY } }),

  await_copy: async ({ within }: Common) => ({ value: await awaitCopy(within) }),
  server_date: async ({ within }: Common) => ({ value: await serverDate(within) }),
  outline: () => ({ value: { title: mask(squash(document.title)), address: maskedAddress(), outline: outline() } }),
  cover: async () => ({ value: await cover() }),
  uncover({ covered }: { covered: Cover[] }) {
    const held = coversHold(covered);
    uncover();
    return { value: held };
  },
  closed_search_done: () => (closedSearchDone(), { value: null }),
};

type Verb = keyof typeof verbs;

const totpilot = {
  async run(verb: Verb, request: never): Promise<unknown> {
    const attribute = (request as Partial<Common>).test_id_attribute;
    if (attribute) setTestIdAttribute(attribute);
    try {
      const answer = (await (verbs[verb] as (request: never) => unknown)(request)) as object;
      return { ...answer, at: location.href };
    } catch (error) {
      if (error instanceof Refused) return { refused: { code: error.code, message: error.message } };
      throw error;
    }
  },
  element: heldElement,
  adoptRoot,
};
export type Totpilot = typeof totpilot;

(globalThis as { totpilot?: Totpilot }).totpilot ??= totpilot;
watch(window);
