package text_test

import (
	"testing"

	"github.com/floorkeeper/floorkeeper/text"
)

func TestDistance(t *testing.T) {
	t.Parallel()
	for pair, want := range map[[2]string]int{
		{"", ""}: 0, {"", "abc"}: 3, {"windows", "windows"}: 0, {"window", "windows"}: 1, {"widnows", "windows"}: 1,
		{"windows", "events"}: 6, {"kitten", "sitting"}: 3, {"ca", "abc"}: 3,
	} {
		if got := text.Distance(pair[0], pair[1]); got != want {
			t.Errorf("%q and %q are %d apart, want %d", pair[0], pair[1], got, want)
		}
		if got := text.Distance(pair[1], pair[0]); got != want {
			t.Errorf("%q and %q are %d apart, want %d", pair[1], pair[0], got, want)
		}
	}
}
