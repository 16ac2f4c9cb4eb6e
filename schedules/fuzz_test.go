package schedules_test

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// FuzzAt turns bytes into a schedule, an HPA and instants, and checks what must hold of any decision.
func FuzzAt(f *testing.F) {
	seed(f)
	f.Fuzz(rapid.MakeFuzz(consistent))
}

// FuzzTimeline turns bytes into a schedule, an HPA and a stretch of time, and walks it.
func FuzzTimeline(f *testing.F) {
	seed(f)
	f.Fuzz(rapid.MakeFuzz(walk))
}

// seed adds inputs long enough to be whole schedules.
func seed(f *testing.F) {
	for i := range uint64(16) {
		random := rand.New(rand.NewPCG(i, 0))
		input := make([]byte, 16<<10)
		for j := range input {
			input[j] = byte(random.Uint32())
		}
		f.Add(input)
	}
}
