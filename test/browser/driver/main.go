// Command driver opens pages in headless Chromium, at several widths and in light and dark, and prints what it saw as
// JSON, one report for each. It judges nothing.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/chromedp/chromedp"
)

// Report is what was seen of one page at one width in one colour scheme.
type Report struct {
	Page, Scheme string
	Width        int64
	Measures
	Console    []string    // messages, exceptions, dialogs and violations of the page's policy
	Requests   []string    // what was asked for besides the page itself
	Violations []Violation // of accessibility, as axe-core reports them
	Ink        float64     // the share of pixels of the first heading that differ from its background
	Fonts      []string    // that the glyphs of the first heading were taken from
	Glyphs     int         // how many there are
	FocusFirst string      // what the first press of Tab reaches, and whether it can be seen
	FocusNext  string      // what Enter leads to from there
	Screenshot string
}

// Measures are what a script in the page can tell.
type Measures struct {
	Overflow   int      // by how many pixels the document is wider than the window
	Sticking   []string // elements that stick out of the window
	Lanes      int      // pictures of HPAs
	Cut        []string // words of pictures that stick out of them, or that touch others of the axis
	Nameless   int      // rows of tables whose HPA or instant in UTC is not seen
	Scripts    int      // elements and attributes that could run or load something
	Background string
	Text       string
}

// Violation is one rule of axe-core that a page breaks.
type Violation struct {
	ID, Impact, Help string
	Targets          []string
}

func main() {
	o := options{}
	flag.StringVar(&o.axe, "axe", "", "axe.min.js")
	flag.StringVar(&o.screenshots, "screenshots", "", "directory for screenshots")
	flag.StringVar(&o.chromium, "chromium", "chromium", "the browser")
	widths := flag.String("widths", "320,768,1440", "widths in pixels")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Minute)
	defer cancel()
	if err := run(ctx, o, strings.Split(*widths, ","), flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "driver:", err)
		os.Exit(1)
	}
}

type options struct {
	axe, screenshots, chromium string
}

func run(ctx context.Context, o options, widths, pages []string) error {
	axe, err := os.ReadFile(o.axe)
	if err != nil {
		return err
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(o.chromium), chromedp.Flag("hide-scrollbars", false),
		chromedp.Flag("disable-dev-shm-usage", true))
	if os.Geteuid() == 0 {
		flags = append(flags, chromedp.NoSandbox)
	}
	allocator, cancel := chromedp.NewExecAllocator(ctx, flags...)
	defer cancel()
	browser, cancel := chromedp.NewContext(allocator)
	defer cancel()
	if err := chromedp.Do(browser); err != nil {
		return fmt.Errorf("cannot start %s: %w", o.chromium, err)
	}
	out := json.NewEncoder(os.Stdout)
	for _, page := range pages {
		for _, width := range widths {
			for _, scheme := range []string{"light", "dark"} {
				v := visit{axe: string(axe), url: page, scheme: scheme}
				if _, err := fmt.Sscan(width, &v.width); err != nil {
					return err
				}
				if o.screenshots != "" {
					v.screenshot = filepath.Join(o.screenshots, fmt.Sprintf("%s-%s-%s.png", fileOf(page), width, scheme))
				}
				report, err := v.look(browser)
				if err != nil {
					return fmt.Errorf("%s at %s, %s: %w", page, width, scheme, err)
				}
				if err := out.Encode(report); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// fileOf returns what a screenshot of a page is called: after the page, and whether it is a file.
func fileOf(page string) string {
	if strings.HasSuffix(page, ".html") {
		return nameOf(page) + "-file"
	}
	return nameOf(page)
}

// nameOf returns the last part of a page's path; a page without one is a controller's.
func nameOf(page string) string {
	if address, err := url.Parse(page); err == nil && strings.Trim(address.Path, "/") == "" {
		return "controller"
	}
	name := strings.TrimSuffix(strings.Trim(page, "/"), ".html")
	return name[strings.LastIndex(name, "/")+1:]
}
