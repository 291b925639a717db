// Light, dark, or as the system has it; the choice is kept in this browser.
const NAME = 'position-manager.theme';
const choices = ['system', 'light', 'dark'];

export function applyTheme() {
  document.documentElement.dataset.theme = localStorage.getItem(NAME) ?? 'system';
}

export function nextTheme() {
  const at = choices.indexOf(document.documentElement.dataset.theme);
  localStorage.setItem(NAME, choices[(at + 1) % choices.length]);
  applyTheme();
  dispatchEvent(new Event('themechange'));
}
