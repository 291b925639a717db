// Markup in template strings, and the parts of Preact that the views use.
import { h, render, Component } from '/vendor/preact.js';
import htm from '/vendor/htm.js';

export const html = htm.bind(h);
export { render, Component };
