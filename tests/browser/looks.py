"""What a designer's eye looks for, as a script in the page: contrast, and nothing cut off."""

CONTRAST = """
() => {
  const parse = (value) => {
    const found = value.match(/rgba?\\(([^)]+)\\)/);
    if (!found) return null;
    const [r, g, b, a = 1] = found[1].split(/[ ,/]+/).map(Number);
    return { r, g, b, a };
  };
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a),
    g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a),
    a: 1,
  });
  const light = ({ r, g, b }) => {
    const part = [r, g, b].map((c) => {
      const s = c / 255;
      return s <= 0.03928 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
  };
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour && colour.a > 0) layers.push(colour);
      if (colour && colour.a === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), { r: 255, g: 255, b: 255 });
  };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, element = node.parentElement;
    if (!element || !node.textContent.trim()) continue;
    if (element.closest("svg, canvas, script, style, [disabled], [aria-disabled=true]")) continue;
    // The number of a slider stands above its thumb, not on it.
    if (element.closest("[data-testid=stIconMaterial], [data-testid=stSliderThumbValue]")) continue;
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    if (box.width < 2 || box.height < 2 || style.visibility === "hidden") continue;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    let opacity = 1;
    for (let at = element; at; at = at.parentElement) opacity *= getComputedStyle(at).opacity;
    const ink = parse(style.color), paper = behind(element);
    if (!ink) continue;
    const drawn = over({ ...ink, a: ink.a * opacity }, paper);
    const [a, b] = [light(drawn), light(paper)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05), pixels = parseFloat(style.fontSize);
    const large = pixels >= 24 || (pixels >= 18.66 && style.fontWeight >= 600);
    if (ratio < (large ? 3 : 4.5)) {
      found.push(`${ratio.toFixed(2)} "${node.textContent.trim().slice(0, 40)}"`);
    }
  }
  return [...new Set(found)];
}
"""
"""Texts whose contrast is below 4.5 (3 where they are large), by WCAG 2.2, 1.4.3."""

OVERFLOW = """
() => {
  const wide = window.innerWidth, found = [];
  const scrolls = (element) => {
    const main = document.querySelector("[data-testid=stMain]");
    for (let at = element.parentElement; at && at !== main; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (/auto|scroll|hidden|clip/.test(style.overflowX)) return true;
    }
    return false;
  };
  for (const element of document.querySelectorAll("[data-testid=stMain] *")) {
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) continue;
    if (element.closest("svg, canvas, .js-plotly-plot")) continue;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if ((box.right > wide + 1 || box.left < -1) && !scrolls(element)) {
      found.push(`${element.tagName} ${element.className} right ${box.right.toFixed(0)}`);
    }
  }
  const main = document.querySelector("[data-testid=stMain]");
  if (main.scrollWidth > main.clientWidth + 1) found.push(`main is ${main.scrollWidth} wide`);
  return found.slice(0, 10);
}
"""
"""Elements that stick out of the window, or make it scroll sideways."""
