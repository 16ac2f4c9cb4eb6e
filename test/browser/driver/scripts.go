package main

import (
	"context"
	"image"
	"image/color"

	"github.com/chromedp/chromedp"
)

// What the browser is asked to say about a page.
const (
	scriptMeasure = `({
		Overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
		Sticking: Array.from(document.querySelectorAll("body *")).filter(e => {
			const b = e.getBoundingClientRect(), wide = document.documentElement.clientWidth;
			return b.width > 1 && b.height > 1 && (b.right > wide + 1 || b.left < -1) && !e.closest(".skip");
		}).slice(0, 10).map(e => e.tagName + "." + (e.getAttribute("class") || "") + " " + e.textContent.slice(0, 60)),
		Lanes: document.querySelectorAll("g.lane").length,
		Cut: Array.from(document.querySelectorAll(".chart text")).filter((e, i, all) => {
			const b = e.getBoundingClientRect(), chart = e.closest(".chart").getBoundingClientRect();
			return b.width > 0 && (b.left < chart.left - 1 || b.right > chart.right + 1 || e.closest(".axis") && all.some(other => {
				const o = other.getBoundingClientRect();
				return other !== e && o.width > 0 && o.left < b.right && b.left < o.right && o.top < b.bottom - 2 && b.top < o.bottom - 2;
			}));
		}).slice(0, 10).map(e => e.textContent),
		Nameless: Array.from(document.querySelectorAll("details[open] tbody tr, section.changes tbody tr:not(.date)")).filter(e =>
			Array.from(e.querySelectorAll(".hpa, .utc")).some(cell => cell.getBoundingClientRect().height < 8) || !e.querySelector(".hpa")).length,
		Scripts: Array.from(document.querySelectorAll("*")).filter(e =>
			["SCRIPT", "IMG", "IFRAME", "OBJECT", "EMBED"].includes(e.tagName.toUpperCase()) ||
			Array.from(e.attributes).some(a => a.name.startsWith("on") || a.name === "href" && /^\s*javascript:/i.test(a.value))).length,
		Background: getComputedStyle(document.body).backgroundColor,
		Text: document.body.innerText.slice(0, 20000),
	})`

	scriptFocus = `(() => {
		const e = document.activeElement, b = e.getBoundingClientRect();
		const seen = b.top >= 0 && b.height > 10 && b.left >= 0 && b.right <= innerWidth;
		return (e.id || e.className) + (seen ? " in sight" : " out of sight");
	})()`

	// %s is what runs: axeRules or axeContrast.
	scriptAxe = `axe.run(document, {
		runOnly: %s,
		resultTypes: ["violations"],
	}).then(r => r.violations.map(v => ({
		ID: v.id, Impact: v.impact, Help: v.help,
		Targets: v.nodes.slice(0, 5).map(n => n.html.slice(0, 200) + " " + n.failureSummary),
	})))`

	axeRules = `{type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]}`
	// axeContrast is for the dark scheme: it has other colours, and nothing else that differs.
	axeContrast = `{type: "rule", values: ["color-contrast"]}`
)

func measure(tab context.Context, r *Report) error {
	var err error
	r.Measures, err = chromedp.Run(tab, chromedp.Evaluate[Measures](scriptMeasure))
	return err
}

// inked returns the share of pixels that differ from the one in the upper left corner.
func inked(picture image.Image) float64 {
	bounds := picture.Bounds()
	paper := grey(picture.At(bounds.Min.X, bounds.Min.Y))
	count := 0
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			if here := grey(picture.At(x, y)); max(here, paper)-min(here, paper) > 64 {
				count++
			}
		}
	}
	return float64(count) / float64(bounds.Dx()*bounds.Dy())
}

func grey(c color.Color) uint8 {
	y, _, _ := color.RGBToYCbCr(rgb(c))
	return y
}

func rgb(c color.Color) (r, g, b uint8) {
	red, green, blue, _ := c.RGBA()
	return uint8(red >> 8), uint8(green >> 8), uint8(blue >> 8)
}
