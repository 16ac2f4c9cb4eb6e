package schedules_test

import (
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

func TestFormatDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                                 "0s",
		time.Second:                       "1s",
		45 * time.Minute:                  "45m",
		90 * time.Minute:                  "1h30m",
		24 * time.Hour:                    "1d",
		30*time.Hour + 5*time.Second:      "1d6h5s",
		7 * 24 * time.Hour:                "7d",
		-(2*time.Hour + 3*time.Minute):    "-2h3m",
		1000*24*time.Hour + 1*time.Second: "1000d1s",
	} {
		if got := schedules.FormatDuration(d); got != want {
			t.Errorf("FormatDuration(%d) is %s, want %s", d, got, want)
		}
	}
}
