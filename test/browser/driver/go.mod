// This module builds the program that looks at pages in a real browser, for the tests of the page. It is a module of its
// own so that the product's go.sum stays small.
module github.com/floorkeeper/floorkeeper/test/browser/driver

go 1.26.0

require (
	github.com/chromedp/cdproto v0.159.0
	github.com/chromedp/chromedp v0.23.0
)

require github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect
