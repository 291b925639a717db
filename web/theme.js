// Light, dark, or as the system has it; the choice is kept in this browser.
const NAME = 'position-manager.theme';
const choices = ['system', 'light', 'dark'];
const darkness = matchMedia('(prefers-color-scheme: dark)');

const chosen = () => localStorage.getItem(NAME) ?? 'system';

export function applyTheme() {
  const system = darkness.matches ? 'dark' : 'light';
  document.documentElement.dataset.theme = chosen() === 'system' ? system : chosen();
}

function show() {
  applyTheme();
  dispatchEvent(new Event('themechange'));
}

export function nextTheme() {
  localStorage.setItem(NAME, choices[(choices.indexOf(chosen()) + 1) % choices.length]);
  show();
}

darkness.addEventListener('change', show);
