// The page goes to another origin after a random moment.
const to = document.currentScript.dataset.to;
setTimeout(() => location.assign(to), Math.random() * 60);
