// Controlled inputs as frameworks make them, small enough to read.

// React: an own `value` property on the node remembers what the framework wrote; an input event counts only when the node's real value
// differs from that, and the state is written back over whatever the handler did not take.
function reactInput(node, initial, take) {
  const native = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value');
  let tracked = initial;
  let state = initial;
  Object.defineProperty(node, 'value', {
    configurable: true,
    get() { return native.get.call(this); },
    set(value) { tracked = '' + value; native.set.call(this, value); },
  });
  node.value = initial;
  node.addEventListener('input', () => {
    const now = native.get.call(node);
    if (now === tracked) return; // not a change: React drops the event
    state = take(now, state);
    queueMicrotask(() => { if (native.get.call(node) !== state) node.value = state; tracked = state; });
  });
  return () => state;
}

// Vue: v-model reads the node in the input event, unless a composition is going on.
function vueInput(node, write) {
  node.addEventListener('input', (event) => { if (!event.target.composing) write(event.target.value); });
}
