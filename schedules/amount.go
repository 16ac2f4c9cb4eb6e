package schedules

import "fmt"

// MaxReplicas is the largest floor. The annotations floor and baseline have at most six digits.
const MaxReplicas = 999_999

// Ratio is an exact decimal factor in thousandths: 1500 is 1.5, or 150%.
type Ratio int64

// Of returns the ratio of n, rounded up, and at most MaxReplicas. The arithmetic is exact.
func (r Ratio) Of(n int32) int32 {
	return int32(min((int64(r)*int64(n)+999)/1000, MaxReplicas))
}

// String returns the shortest decimal: "1.5", "3".
func (r Ratio) String() string {
	return fmt.Sprintf("%g", float64(r)/1000)
}

// Amount is what a target asks for: a number of replicas, or a ratio of the HPA's own baseline. The zero Amount asks
// for nothing; the targets of an event with a multiplier have it.
type Amount struct {
	Replicas int32
	Ratio    Ratio
}

// String returns the amount as a schedule writes it: "25", "150%", and "" for the zero Amount.
func (a Amount) String() string {
	switch {
	case a.Ratio > 0:
		return fmt.Sprintf("%g%%", float64(a.Ratio)/10)
	case a.Replicas > 0:
		return fmt.Sprint(a.Replicas)
	default:
		return ""
	}
}

// Of returns the amount for a baseline, in replicas.
func (a Amount) Of(baseline int32) int32 {
	if a.Ratio > 0 {
		return a.Ratio.Of(baseline)
	}
	return a.Replicas
}
