// Markup in template strings, and the parts of Preact that the views use.
import { h, render, Component } from '/vendor/preact.js';
import htm from '/vendor/htm.js';

// A node is drawn once. htm would keep one that never changes and give it again; but each node knows
// the tree that it is in, so with an old node every tree since then would stay in memory.
export const html = htm.bind(function node(...args) {
  this[0] = 3; // For htm: not to be kept.
  return h(...args);
});
export { render, Component };
