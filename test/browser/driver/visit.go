package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/png"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// visit is a look at one page at one width in one colour scheme, in a tab of its own.
type visit struct {
	axe, url, scheme, screenshot string
	width                        int64

	mu       sync.Mutex
	console  []string
	requests []string
}

func (v *visit) look(browser context.Context) (*Report, error) {
	tab, cancel := chromedp.NewContext(browser)
	defer cancel()
	tab, cancelTimeout := context.WithTimeout(tab, 2*time.Minute)
	defer cancelTimeout()
	r := &Report{Page: nameOf(v.url), Scheme: v.scheme, Width: v.width, Screenshot: v.screenshot}
	for _, step := range []func(context.Context, *Report) error{
		v.open, measure, v.fonts, ink, v.shoot, pressTab, v.settle, v.accessibility,
	} {
		if err := step(tab, r); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// open listens to all that the browser may say, and goes to the page.
func (v *visit) open(tab context.Context, _ *Report) error {
	if err := chromedp.Do(tab); err != nil {
		return err
	}
	if err := chromedp.Listen(tab, func(event any) { v.hear(tab, event) }); err != nil {
		return err
	}
	for _, enable := range []cdp.Command[cdp.Empty, cdp.Empty]{log.Enable, audits.Enable} {
		if err := call(tab, enable, cdp.Empty{}); err != nil {
			return err
		}
	}
	if err := call(tab, network.Enable, network.EnableParams{}); err != nil {
		return err
	}
	size := emulation.SetDeviceMetricsOverrideParams{Width: v.width, Height: 900, DeviceScaleFactor: 1}
	if err := call(tab, emulation.SetDeviceMetricsOverride, size); err != nil {
		return err
	}
	scheme := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: v.scheme}}}
	if err := call(tab, emulation.SetEmulatedMedia, scheme); err != nil {
		return err
	}
	return chromedp.Do(tab, chromedp.Navigate(v.url))
}

// call sends a command whose answer is empty.
func call[P, R any](tab context.Context, command cdp.Command[P, R], params P) error {
	_, err := chromedp.Call(tab, command, params)
	return err
}

// hear notes everything that a browser reports about a page.
func (v *visit) hear(tab context.Context, event any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		v.console = append(v.console, fmt.Sprintf("console %s: %s", e.Type, asJSON(e.Args)))
	case *runtime.EventExceptionThrown:
		v.console = append(v.console, "exception: "+e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		v.console = append(v.console, fmt.Sprintf("log %s: %s", e.Entry.Level, e.Entry.Text))
	case *audits.EventIssueAdded:
		v.console = append(v.console, "issue: "+asJSON(e.Issue))
	case *page.EventJavascriptDialogOpening:
		v.console = append(v.console, "dialog: "+e.Message)
		go func() { _ = call(tab, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{}) }()
	case *network.EventRequestWillBeSent:
		if e.Request.URL != v.url {
			v.requests = append(v.requests, e.Request.URL)
		}
	}
}

func asJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// settle takes over what was heard so far, before axe-core does things to the page.
func (v *visit) settle(_ context.Context, r *Report) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	r.Console, r.Requests = slices.Clone(v.console), slices.Clone(v.requests)
	return nil
}

// fonts asks which fonts the glyphs of the first heading come from.
func (v *visit) fonts(tab context.Context, r *Report) error {
	if err := call(tab, dom.Enable, dom.EnableParams{}); err != nil {
		return err
	}
	if err := call(tab, css.Enable, cdp.Empty{}); err != nil {
		return err
	}
	headings, err := chromedp.Run(tab, chromedp.QueryNodeIDs(chromedp.CSS("h1")))
	if err != nil {
		return err
	}
	used, err := chromedp.Call(tab, css.GetPlatformFontsForNode, css.GetPlatformFontsForNodeParams{NodeID: headings[0]})
	for _, font := range used.Fonts {
		r.Fonts = append(r.Fonts, fmt.Sprintf("%s: %.0f", font.FamilyName, font.GlyphCount))
		r.Glyphs += int(font.GlyphCount)
	}
	return err
}

// ink counts the pixels of the first heading that are not background.
func ink(tab context.Context, r *Report) error {
	data, err := chromedp.Run(tab, chromedp.Screenshot(chromedp.CSS("h1")))
	if err != nil {
		return err
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return err
	}
	r.Ink = inked(picture)
	return nil
}

// shoot takes a screenshot of the page, of at most 6,000 pixels from its top.
func (v *visit) shoot(tab context.Context, _ *Report) error {
	if v.screenshot == "" {
		return nil
	}
	height, err := chromedp.Run(tab, chromedp.Evaluate[float64](`document.documentElement.scrollHeight`))
	if err != nil {
		return err
	}
	shot, err := chromedp.Call(tab, page.CaptureScreenshot, page.CaptureScreenshotParams{
		CaptureBeyondViewport: new(true), Clip: &page.Viewport{Width: float64(v.width), Height: min(height, 6000), Scale: 1},
	})
	if err != nil {
		return err
	}
	return os.WriteFile(v.screenshot, shot.Data, 0o644)
}

// pressTab presses Tab and then Enter, and notes what has the focus then, and whether it can be seen.
func pressTab(tab context.Context, r *Report) error {
	if err := chromedp.Do(tab, chromedp.KeyEvent(kb.Tab)); err != nil {
		return err
	}
	var err error
	if r.FocusFirst, err = chromedp.Run(tab, chromedp.Evaluate[string](scriptFocus)); err != nil {
		return err
	}
	if err := chromedp.Do(tab, chromedp.KeyEvent(kb.Enter)); err != nil {
		return err
	}
	r.FocusNext, err = chromedp.Run(tab, chromedp.Evaluate[string](scriptFocus))
	return err
}

// accessibility runs axe-core, which the browser evaluates even if the page's policy forbids scripts.
func (v *visit) accessibility(tab context.Context, r *Report) error {
	if _, err := chromedp.Run(tab, chromedp.Evaluate[bool](v.axe+";true")); err != nil {
		return fmt.Errorf("cannot load axe-core: %w", err)
	}
	rules := axeRules
	if v.scheme == "dark" {
		rules = axeContrast
	}
	var err error
	if r.Violations, err = chromedp.Run(tab, chromedp.Evaluate[[]Violation](fmt.Sprintf(scriptAxe, rules), chromedp.EvalAwaitPromise)); err != nil {
		return fmt.Errorf("cannot run axe-core: %w", err)
	}
	return nil
}
