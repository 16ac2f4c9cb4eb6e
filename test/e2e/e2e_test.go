// Package e2e runs floorkeeper's real binary against a real control plane, with the rights that deploy/kustomize grants
// it and a schedule directory as the kubelet mounts it. Tests act as people do, through the schedule, kubectl and
// signals, and judge what is then in the cluster: HPAs, Deployments, Events, metrics. It imports nothing of floorkeeper.
package e2e

import (
	"flag"
	"os"
	"strings"
	"testing"
)

// play is a test of one behaviour in a namespace of its own.
type play struct {
	name string
	run  func(*testing.T, *scene)
}

// shared are the plays that one floorkeeper, which keeps the whole cluster, serves at the same time.
func shared() []play {
	return []play{
		{"a window opens and closes", windowOpensAndCloses},
		{"the lead time comes first", leadTimeComesFirst},
		{"a ramp climbs and descends", ramp},
		{"an event multiplies two windows", multiplierOverTwoWindows},
		{"a selector covers every namespace", selectorCoversEveryNamespace},
		{"a percentage is of the baseline", percentOfTheBaseline},
		{"zero is given back", zeroIsGivenBack},
		{"a floor above maxReplicas is clamped", clampedToMax},
		{"an edit becomes the baseline", editBecomesBaseline},
		{"a recreated HPA starts afresh", recreatedStartsAfresh},
		{"a label change ends the match", labelEndsMatch},
		{"an entry is removed", entryRemoved},
		{"ignore releases", ignoreReleases},
		{"KEDA is refused", kedaIsRefused},
		{"kube-system is excluded", kubeSystemIsExcluded},
		{"damage is left alone", damageIsLeftAlone},
		{"describe tells the story", describeTellsTheStory},
		{"the account may no more", accountMayNoMore},
	}
}

// TestMain lets the plays run side by side on any number of processors: what they do is wait.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "32"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func TestFloorkeeper(t *testing.T) {
	c := startCluster(t)
	t.Run("one for the cluster", func(t *testing.T) {
		m := newMount(t)
		m.put(t, "empty.yaml", schedule())
		keeper := c.start(t, "shared", home, m)
		c.await(t, "floorkeeper to be ready", keeper.ready, keeper)
		for _, p := range shared() {
			t.Run(p.name, func(t *testing.T) {
				t.Parallel()
				s := c.newScene(t, strings.ToLower(strings.ReplaceAll(p.name, " ", "-")), m)
				s.keepers = []*process{keeper}
				p.run(t, s)
			})
		}
	})
}
