/**
 * Expressions that run in the page. They are text, because the types of a document belong to the page's
 * own room and not to the tests.
 */

/** The page's width in pixels, as laid out and as the screen shows it. */
export const Widths =
  '({ laidOut: document.documentElement.scrollWidth, shown: document.documentElement.clientWidth })';

/** Tries to put a script into the page; true when it ran. */
export const InjectScript = `(() => {
  const script = document.createElement('script');
  try {
    script.textContent = 'window.injected = true';
    document.body.append(script);
  } catch {
    return false;
  }
  return 'injected' in window;
})()`;

/** The contrast of every text that is shown with the ground behind it (WCAG 2.2, "contrast ratio"). */
export const Contrasts = `(() => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = (colour) => {
    const [red, green, blue] = channels(colour).map((channel) => {
      const part = channel / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (element) => {
    if (element === null) return 'rgb(255, 255, 255)';
    const colour = getComputedStyle(element).backgroundColor;
    return channels(colour)[3] === 0 ? ground(element.parentElement) : colour;
  };
  return [...document.querySelectorAll('body *')]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.nodeValue.trim()))
    .filter((element) => element.offsetParent !== null)
    .map((element) => {
      const one = luminance(getComputedStyle(element).color);
      const other = luminance(ground(element));
      const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      return { text: element.textContent, ratio };
    });
})()`;
