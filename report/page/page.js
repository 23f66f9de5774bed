"use strict";
// A menu shows one group of a figure at a time.
for (const menu of document.querySelectorAll("select[data-menu]")) {
  const groups = document.querySelectorAll(`#${menu.dataset.menu} .group`);
  const show = () => {
    for (const group of groups) group.hidden = group.id !== menu.value;
  };
  menu.addEventListener("change", show);
  menu.closest(".menu").hidden = false;
  show();
}
