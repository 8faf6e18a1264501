/* Small comforts that htmx cannot give; every page works without them. */
"use strict";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button || !navigator.clipboard) return;
  const words = button.querySelector("span");
  navigator.clipboard.writeText(button.dataset.copy).then(() => {
    const before = words.textContent;
    words.textContent = button.dataset.copied;
    setTimeout(() => { words.textContent = before; }, 2000);
  });
});

// Who was in a part of the page that is replaced by itself stays there, and does not begin anew.
// In a list that is worked through, they stay at the same row.
const rowLinks = () => [...document.querySelectorAll("[data-keys] tbody th a")];
let wasInside = false, rowBefore = -1;
document.addEventListener("htmx:beforeSwap", (event) => {
  wasInside = event.detail.target.contains(document.activeElement);
  const row = document.activeElement.closest("[data-keys] tr");
  rowBefore = row ? rowLinks().findIndex((link) => row.contains(link)) : -1;
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (!wasInside || document.activeElement !== document.body) return;
  const next = rowLinks()[Math.min(rowBefore, rowLinks().length - 1)];
  if (next) { next.focus(); return; }
  event.target.tabIndex = -1;
  event.target.focus();
});

// A menu closes when one clicks beside it or presses Escape.
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));

// Keys for people who spend the day in the backoffice: / searches, j and k move, Enter opens,
// d is done with the row one is at.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus(null);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, select, textarea, button, summary")) return;
  if (event.key === "/") {
    const search = document.getElementById("search");
    if (search) { event.preventDefault(); search.focus(); }
  }
  if (event.key === "j" || event.key === "k") {
    const rows = rowLinks();
    if (!rows.length) return;
    const here = rows.indexOf(document.activeElement);
    const next = event.key === "j" ? here + 1 : here - 1;
    rows[Math.max(0, Math.min(rows.length - 1, next))].focus();
  }
  if (event.key === "d") {
    const row = document.activeElement.closest("[data-keys] tr");
    const button = row && row.querySelector("[data-done]");
    if (button) button.click();
  }
});

// How much of a file is on its way; when all of it is, the server is at work.
document.addEventListener("htmx:xhr:progress", (event) => {
  const bar = event.target.querySelector && event.target.querySelector("progress[data-upload]");
  if (!bar || !event.detail.total) return;
  bar.hidden = false;
  bar.max = event.detail.total;
  if (event.detail.loaded < event.detail.total) bar.value = event.detail.loaded;
  else bar.removeAttribute("value");
});
document.addEventListener("htmx:afterRequest", (event) => {
  const bar = event.target.querySelector && event.target.querySelector("progress[data-upload]");
  if (bar) bar.hidden = true;
});

// Typing another amount chooses "another amount"; passing by with the Tab key does not.
document.addEventListener("input", (event) => {
  const radio = event.target.dataset && event.target.dataset.chooses;
  if (radio) document.getElementById(radio).checked = true;
});
