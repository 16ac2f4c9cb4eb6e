package page

import (
	"math"
	"strconv"
	"testing"
)

// TestContrast holds the palette to WCAG 2.2: 4.5 to 1 for text (1.4.3) and 3 to 1 for what else one has to see (1.4.11).
func TestContrast(t *testing.T) {
	const text, graphics = 4.5, 3
	for _, pair := range []struct {
		front, back string
		least       float64
	}{
		{"ink", "paper", text},
		{"ink", "band", text},
		{"ink", "blush", text},
		{"paper", "ink", text},
		{"soft", "paper", text},
		{"soft", "band", text},
		{"link", "paper", text},
		{"alarm", "paper", text},
		{"alarm", "band", text},
		{"alarm", "blush", text},
		{"amber", "paper", text},
		{"amber", "band", text},
		{"edge", "paper", graphics},
		{"edge", "base", graphics},
		{"link", "paper", graphics},
		{"curve", "paper", graphics},
		{"curve", "band", graphics},
		{"curve", "base", graphics},
		{"curve", "window", graphics},
		{"curve", "event", graphics},
		{"hatch", "event", graphics},
		{"hatch", "paper", graphics},
		{"hatch", "band", graphics},
		{"shade", "paper", graphics},
		{"shade", "band", graphics},
		{"shade", "window", graphics},
		{"shade", "event", graphics},
		{"shade", "base", graphics},
		{"alarm", "base", graphics},
		{"ink", "window", graphics},
		{"ink", "event", graphics},
		{"ink", "base", graphics},
		{"amber", "base", graphics},
	} {
		for scheme, pick := range map[string]func(colour) string{
			"light": func(c colour) string { return c.light },
			"dark":  func(c colour) string { return c.dark },
		} {
			front, back := luminance(t, pick(called(t, pair.front))), luminance(t, pick(called(t, pair.back)))
			if got := (max(front, back) + 0.05) / (min(front, back) + 0.05); got < pair.least {
				t.Errorf("%s on %s, %s: contrast %.2f, want %.1f", pair.front, pair.back, scheme, got, pair.least)
			}
		}
	}
}

func called(t *testing.T, name string) colour {
	t.Helper()
	for _, c := range palette() {
		if c.name == name {
			return c
		}
	}
	t.Fatalf("the palette has no %s", name)
	return colour{}
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(hex[1:], 16, 24)
	if err != nil || len(hex) != 7 {
		t.Fatalf("%q is no colour: %v", hex, err)
	}
	linear := func(shift uint) float64 {
		c := float64(n>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(16) + 0.7152*linear(8) + 0.0722*linear(0)
}
