// Package browser looks at floorkeeper's page in headless Chromium: at three widths, in light and in dark, with names that
// want to be more than names. It needs the Debian packages chromium-headless-shell, or chromium, and fonts-dejavu-core,
// which `make browser` installs.
//
// The program that drives the browser is a nested module, driver, and is built into the user's cache. axe-core comes from
// the npm registry, held to its hash.
package browser
