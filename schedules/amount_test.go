package schedules_test

import (
	"fmt"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/schedules"
)

func TestRatiosRoundUpExactly(t *testing.T) {
	tests := []struct {
		ratio schedules.Ratio
		n     int32
		want  int32
		text  string
	}{
		{1000, 7, 7, "1"},
		{1500, 3, 5, "1.5"},
		{1500, 4, 6, "1.5"},
		{1001, 1, 2, "1.001"},
		{1001, 999, 1000, "1.001"},
		{1001, 1000, 1001, "1.001"},
		{1001, 500_000, 500_500, "1.001"},
		{1001, 998_001, 999_000, "1.001"}, // 998999.001
		{1001, 999_999, 999_999, "1.001"}, // 1000998.999, more than is legal
		{1100, 10, 11, "1.1"},             // in float64 10 x 1.1 is more than 11
		{1150, 100, 115, "1.15"},
		{3333, 3, 10, "3.333"},
		{2000, 0, 0, "2"},
		{999_999, 1, 1000, "999.999"},
		{1_000_000, 999, 999_000, "1000"},
		{1_000_000, 1000, 999_999, "1000"},
		{1_000_000, 999_999, 999_999, "1000"},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s of %d", test.text, test.n), func(t *testing.T) {
			if got := test.ratio.Of(test.n); got != test.want {
				t.Errorf("Of: got %d, want %d", got, test.want)
			}
			if got := test.ratio.String(); got != test.text {
				t.Errorf("String: got %q, want %q", got, test.text)
			}
		})
	}
}

func TestRatiosAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ratio := rapid.Int64Range(1, 1_000_000).Draw(t, "ratio")
		n := rapid.Int32Range(0, 999_999).Draw(t, "n")
		want := min(ceil(new(big.Rat).Mul(big.NewRat(ratio, 1000), big.NewRat(int64(n), 1))), 999_999)
		if got := schedules.Ratio(ratio).Of(n); int64(got) != want {
			t.Fatalf("%d thousandths of %d: got %d, want %d", ratio, n, got, want)
		}
	})
}

func TestAmounts(t *testing.T) {
	tests := map[string]struct {
		targets  []schedules.Target
		baseline int32
		want     int32
	}{
		"a number": {all(25), 2, 25},
		"a number below the baseline is the floor":   {all(5), 8, 5},
		"a number with a baseline of 0":              {all(5), 0, 5},
		"the largest number":                         {all(999_999), 1, 999_999},
		"a percentage":                               {percent(1500), 4, 6},
		"a percentage is rounded up":                 {percent(1500), 3, 5},
		"101% of 1 is 2":                             {percent(1010), 1, 2},
		"a percentage of nothing is nothing":         {percent(1500), 0, 0},
		"a percentage is at most what is legal":      {percent(2000), 600_000, 999_999},
		"the largest of two targets of an entry":     {append(all(5), all(9)...), 2, 9},
		"the order of targets does not matter":       {append(all(9), all(5)...), 2, 9},
		"a percentage above a number":                {append(all(5), percent(4000)...), 2, 8},
		"a percentage below a number":                {append(all(9), percent(4000)...), 2, 9},
		"a target that selects another HPA is mute":  {append(all(5), schedules.Target{Namespace: "other", Amount: schedules.Amount{Replicas: 50}}), 2, 5},
		"an entry that selects another HPA is mute":  {[]schedules.Target{{Namespace: "video", Name: "image", Amount: schedules.Amount{Replicas: 50}}}, 2, 0},
		"a name is matched whole, not its beginning": {[]schedules.Target{{Namespace: "vide", Amount: schedules.Amount{Replicas: 50}}}, 2, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			schedule := schedules.New([]schedules.Window{window(t, "w", "10:00", "12:00", test.targets)}, nil)
			hpa := hpa
			hpa.Baseline = test.baseline
			d := schedule.At(hpa, instant(t, "2026-12-01T11:00:00Z"))
			if d.Floor != test.want || d.Full != test.want {
				t.Errorf("got a floor of %d, %d in full, want %d", d.Floor, d.Full, test.want)
			}
		})
	}
}
