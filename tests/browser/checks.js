// What WCAG 2.2 AA asks for and a program can see. Gives sentences about what is wrong.
(() => {
  const found = [];
  const isSeen = (each) => each.getClientRects().length > 0 && getComputedStyle(each).visibility !== "hidden" && !each.closest("noscript");
  const told = (each) => each.outerHTML.replace(/\s+/g, " ").slice(0, 120);
  const all = (what) => [...document.querySelectorAll(what)].filter(isSeen);
  const isHiddenOnPurpose = (each) => each.closest(".unseen, .skip");

  if (!["en", "vi"].includes(document.documentElement.lang)) found.push("no language");
  if (!document.title.trim()) found.push("no title");
  if (document.querySelectorAll("main").length !== 1) found.push("not one main");
  if (all("h1").length !== 1) found.push(`${all("h1").length} h1`);
  let level = 0;
  for (const heading of all("h1, h2, h3, h4")) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) found.push(`a level is left out before ${told(heading)}`);
    if (!heading.textContent.trim()) found.push(`empty ${told(heading)}`);
    level = next;
  }
  const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
  for (const id of ids.filter((each, index) => ids.indexOf(each) !== index)) found.push(`two are called ${id}`);
  for (const name of ["aria-labelledby", "aria-describedby"]) {
    for (const each of document.querySelectorAll(`[${name}]`)) {
      if (!each.getAttribute(name).split(" ").every((id) => document.getElementById(id))) found.push(`${name} of nothing: ${told(each)}`);
    }
  }
  for (const each of all("input, select, textarea")) if (!each.labels?.length) found.push(`no label: ${told(each)}`);
  for (const each of all("button, a[href]")) {
    if (!(each.getAttribute("aria-label") ?? each.textContent).trim()) found.push(`no name: ${told(each)}`);
  }
  for (const each of document.querySelectorAll("img")) if (!each.hasAttribute("alt")) found.push(`no alt: ${told(each)}`);
  for (const each of document.querySelectorAll("th")) if (!each.hasAttribute("scope")) found.push(`no scope: ${told(each)}`);

  for (const each of all("button, a[href], input, select, textarea").filter((one) => !isHiddenOnPurpose(one))) {
    const box = (each.labels?.[0]?.contains(each) ? each.labels[0] : each).getBoundingClientRect();
    if (box.height < 44 || (box.width < 24)) found.push(`small (${Math.round(box.width)} × ${Math.round(box.height)}): ${told(each)}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push(`wider than the screen: ${document.documentElement.scrollWidth}`);

  const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
  const groundOf = (each) => {
    for (let at = each; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== "none") return null;
      const [red, green, blue, alpha = 1] = numbers(style.backgroundColor);
      if (alpha === 1) return [red, green, blue];
    }
    return [255, 255, 255];
  };
  const luminance = (rgb) => {
    const [red, green, blue] = rgb.map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const each = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !isSeen(each) || isHiddenOnPurpose(each) || each.matches("option, script")) continue;
    const ground = groundOf(each);
    if (!ground) continue;
    const ratio = contrast(numbers(getComputedStyle(each).color).slice(0, 3), ground);
    if (ratio < 4.5) found.push(`contrast ${ratio.toFixed(2)}: ${told(each)}`);
  }
  return found;
})();
