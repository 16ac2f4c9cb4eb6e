package faults

import (
	"hash/fnv"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/floorkeeper/floorkeeper/test/kit"
)

// TestMain lets the scenes run side by side on any number of processors: what they do is wait.
func TestMain(m *testing.M) { kit.Main(m, kit.Options{Parallel: 32}) }

// newSeed returns what every random choice of a test follows from: FAULTS_SEED if that is set. It is printed.
func newSeed(t *testing.T) uint64 {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("FAULTS_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("cannot read FAULTS_SEED: %v", err)
		}
	}
	t.Logf("FAULTS_SEED=%d", seed)
	return seed
}

// newRandom is what a scene chooses with.
func newRandom(seed uint64, scene string) *rand.Rand {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(scene))
	return rand.New(rand.NewPCG(seed, hash.Sum64()))
}

// scenes are the tests that have a namespace of their own and leave the API server alone.
func scenes() map[string]func(*testing.T, *scene) {
	all := map[string]func(*testing.T, *scene){
		"stale-cache":     staleCache,
		"unseen-success":  unseenSuccess,
		"missed-events":   missedEvents,
		"zombie":          zombie,
		"zombie-raises":   zombieRaises,
		"zombie-releases": zombieReleases,
		"flapping":        flapping,
		"forbidden":       forbiddenNamespace,
		"flapping-api":    flappingAPI,
		"clocks":          clocks,
		"blind-candidate": blindCandidate,
		"noisy-neighbour": noisyNeighbour,
		"readers":         curiousReaders,
		"terminating":     terminating,
		"muted":           mutedConnections,
		"swap-file":       swapFile,
		"swap-directory":  swapDirectory,
	}
	for name, act := range badReplies() {
		all[name] = replies(act)
	}
	return all
}

func TestFaults(t *testing.T) {
	t.Parallel()
	ctrl.SetLogger(logr.Discard()) // for the controllers that run in this process
	c := startCluster(t)
	t.Run("side by side", func(t *testing.T) {
		for name, play := range scenes() {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				c.play(t, name, play)
			})
		}
		t.Run("storms", c.storms)
		t.Run("crashes", c.crashes)
		t.Run("twins", c.twins)
	})
	t.Run("takeovers", c.takeovers)
	t.Run("crashes with the hand-back", c.crashesHandedBack)
	t.Run("history", c.judge)
}
